import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { printScenario } from '../scenario/load.ts';
import { formatProblem, ScenarioError } from '../scenario/problem.ts';
import { readScenario } from './scenario-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'partita-'));
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const world = (file: string): string => `network: { segments: { lan: { subnet: 10.0.1.0/24 } } }
hosts:
  a: { on: lan, count: 2, files: { /etc/motd: { from: ${file} } } }
`;

const problemOf = async (path: string): Promise<string> => {
  try {
    await readScenario(path);
    return '';
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems.map(formatProblem).join('\n').replaceAll(folder, '');
    throw error;
  }
};

test('a host has the text of a file beside the scenario', async () => {
  put('motd', 'hello\n');
  const { plan, data } = await readScenario(put('w.yaml', world('./motd')));
  expect(plan.hosts.map(({ files }) => files.get('/etc/motd'))).toEqual(['hello\n', 'hello\n']);
  expect(printScenario(data), 'what a trace keeps stands for itself').not.toContain('from:');
});

test('so has one of a scenario in TypeScript', async () => {
  put('motd', 'hello\n');
  const { plan } = await readScenario(
    put(
      'w.ts',
      "export default { network: { segments: { lan: { subnet: '10.0.1.0/24' } } }, hosts: { a: { on: 'lan', files: { x: { from: 'motd' } } } } };",
    ),
  );
  expect(plan.hosts[0]?.files.get('/root/x')).toBe('hello\n');
});

test('a file that cannot be taken is a mistake where it is named', async () => {
  put('binary', new Uint8Array([0xff, 0xfe, 0]));
  const at = '/w.yaml:3:55: hosts.a.files["/etc/motd"].from';
  expect(await problemOf(put('w.yaml', world('nowhere')))).toBe(
    `${at}: nowhere cannot be taken: there is no such file. Give its text instead.`,
  );
  expect(await problemOf(put('w.yaml', world('binary')))).toBe(
    `${at}: binary cannot be taken: it is not UTF-8 text. Give its text instead.`,
  );
});

test('what is wrong inside such a file is told with its line there', async () => {
  put('agent.json', '{\n  "node_nam": "web1"\n}\n');
  const { warnings } = await readScenario(
    put(
      'w.yaml',
      `${world('motd').replace('/etc/motd: { from: motd }', '/etc/agent.json: { from: agent.json }')}timeline:
  - { at: 0s, on: a1, run: serf agent -config-file=/etc/agent.json }
`,
    ),
  );
  expect(warnings.map(formatProblem).map((text) => text.replaceAll(folder, ''))).toEqual([
    '/w.yaml:3:61: hosts.a.files["/etc/agent.json"].from: agent.json:2:3: The agent will not start: nobody knows the key `node_nam`.',
  ]);
});

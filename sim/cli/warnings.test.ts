import { expect, test } from 'vitest';
import { loadScenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';
import type { Terminal } from './terminal.ts';
import { tellWarnings } from './warnings.ts';

test('people are told what may not be meant so, and nothing else is printed', () => {
  const lines: string[] = [];
  const terminal: Terminal = {
    data: () => expect.fail('data is for programs'),
    people: (line) => void lines.push(line),
    colour: false,
    style: (_format, text) => text,
    progress: () => undefined,
    done: () => undefined,
  };
  const scenario = loadScenario(
    `network: { segments: { lan: { subnet: 10.0.0.0/24 } } }
hosts: { a: { on: lan } }
timeline: [{ at: 0s, on: a, run: serf agent -encrypt abc }]
`,
    surroundings,
    'w.yaml',
  );
  tellWarnings(scenario, terminal);
  expect(lines).toEqual(['Warning: w.yaml:3:54: timeline[0].run: `abc` is no key of 16, 24 or 32 bytes in base 64.']);
});

import { describe, expect, test } from 'vitest';
import { lan } from '../../network/lab.ts';
import { HostLab } from '../lab.ts';
import { serf } from './serf.ts';
import { AGENT } from './serf-agent-options.ts';
import { CLIENTS } from './serf-clients.ts';
import { HELP } from './serf-help.ts';

/** What is shown of a line, and its status. */
function typed(line: string): { readonly lines: string[]; readonly status: string | undefined } {
  const lab = new HostLab({}, { topology: lan(1), commands: [serf] });
  const lines = lab.type('n1', `${line}; echo "= $?"`);
  return { lines: lines.slice(0, -1), status: lines.at(-1) };
}

test.each([AGENT, ...CLIENTS.map(({ table }) => table)])('the help of $command names each of its flags and no other', (table) => {
  const name = table.command.replace('serf ', '');
  expect(Object.keys(HELP[name]?.flags ?? {}).sort()).toEqual(Object.keys(table.flags).sort());
});

describe('serf', () => {
  // Statuses are those of Serf 0.9.4; its words are others.
  test.each(['-h', '--help', '-help', 'bogus -h'])('lists its commands for %s', (words) => {
    const { lines, status } = typed(`serf ${words}`);
    expect(lines[0]).toBe('Usage: serf [--version] [--help] <command> [<args>]');
    expect(lines.filter((line) => line.startsWith('    ')).map((line) => line.trim().split(' ')[0])).toEqual(Object.keys(HELP));
    expect(status).toBe('= 0');
  });

  test.each(['members -h', 'members --help more', 'members -zzz -h'])('explains a command for %s', (words) => {
    const { lines, status } = typed(`serf ${words}`);
    expect(lines[0]).toBe('Usage: serf members [options]');
    expect(lines.some((line) => line.startsWith('    -tag KEY=PATTERN'))).toBe(true);
    expect(status).toBe('= 0');
  });

  test('does not run what it explains', () => {
    expect(typed('serf agent -node x -h').lines[0]).toBe('Usage: serf agent [options]');
    expect(typed('serf keygen -h').lines).toEqual(['Usage: serf keygen', '', '  Prints a new key.']);
  });
});

import { Kind } from '../../sim/engine/journal.ts';
import type { Row } from './describe.ts';
import { nameOf, type Run, wordOf } from './run.ts';
import type { Causes } from './why.ts';

/** What the diagram takes for the end of a text, or for a name of its own. */
const SPECIAL = /[#;%<>{}\n]/g;

const plain = (text: string): string => text.replace(SPECIAL, ' ').trim();

/**
 * An event and what it follows from as a sequence diagram in Mermaid's language, the oldest first, to be put into an issue or a README. A message whose two
 * ends are in it is an arrow, a lost one a crossed one; all else is a note over its node.
 *
 * @param rowAt tells what a record says, by its number; undefined for one that has not been read
 */
export function whyMermaid(run: Run, place: number, { chain, more }: Causes, rowAt: (number: number) => Row | undefined): string {
  const { kind, node, first, word } = run.records;
  const steps = [...chain.toReversed(), { record: place, times: 1 }];
  const seen = new Map<string, string>();
  const actor = (name: string): string => {
    const known = seen.get(name) ?? `n${seen.size}`;
    seen.set(name, known);
    return known;
  };
  const lines: string[] = [];
  steps.forEach(({ record, times }, i) => {
    const row = rowAt(first + record);
    const name = row?.node ?? '';
    if (name === '') return;
    const before = steps[i - 1]?.record;
    const ends = kind[record] === Kind.deliver || kind[record] === Kind.drop;
    const sender = before !== undefined && kind[before] === Kind.send ? nameOf(run, node[before] as number) : '';
    // Its arrow says it when it arrives.
    const after = steps[i + 1]?.record;
    if (kind[record] === Kind.send && after !== undefined && (kind[after] === Kind.deliver || kind[after] === Kind.drop)) return;
    const at = row?.time ?? '';
    if (ends && sender !== '' && before !== undefined) {
      const said = wordOf(run, word[before] as number);
      const lost = kind[record] === Kind.drop;
      const to = lost ? nameOf(run, run.records.peer[before] as number) || name : name;
      const arrow = lost ? '--x' : '->>';
      lines.push(
        `${actor(sender)}${arrow}${actor(to)}: ${plain(`${said}${lost ? ` lost (${wordOf(run, word[record] as number)})` : ''}, ${at} s`)}`,
      );
    } else
      lines.push(
        `Note over ${actor(name)}: ${plain(`${row?.kind ?? ''} ${row?.text ?? ''}${times > 1 ? ` (${times} times)` : ''}, ${at} s`)}`,
      );
  });
  return [
    'sequenceDiagram',
    ...[...seen].map(([name, short]) => `  participant ${short} as ${plain(name)}`),
    ...(more && seen.size > 0 ? ['  Note over n0: … and more, further back'] : []),
    ...lines.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

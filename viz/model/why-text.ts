import type { Row } from './describe.ts';
import type { Run } from './run.ts';
import type { Causes, Link } from './why.ts';

/**
 * An event, what it follows from and what follows from it, as text for a report: what is known of it and no more, so its length is bounded as the
 * chain's is.
 *
 * @param rowAt tells what a record says, by its number; undefined for one that has not been read
 */
export function whyText(
  run: Run,
  place: number,
  { chain, effects, more }: Causes,
  rowAt: (number: number) => Row | undefined,
): string {
  const { first } = run.records;
  const line = (at: number, times = 1): string => {
    const row = rowAt(first + at);
    const said =
      row === undefined ? '…' : [`${row.time} s`, row.node, row.kind, row.text].filter((part) => part !== '').join('  ');
    return times > 1 ? `${said}  (${times} times)` : said;
  };
  const listed = (title: string, links: readonly Link[]): string[] =>
    links.length === 0 ? [] : [title, ...links.map(({ record, times }) => `  ${line(record, times)}`)];
  return [
    `${run.scenario}, seed ${run.seed}, event ${first + place}`,
    line(place),
    ...listed('because of', chain),
    ...(more ? ['  … and so on, further back'] : []),
    ...listed(
      'led to',
      effects.map((record) => ({ record, times: 1 })),
    ),
    '',
  ].join('\n');
}

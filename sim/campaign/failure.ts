import { Hash } from '../../core/hash.ts';
import type { Instant } from '../../core/time.ts';
import type { Finding } from '../check/check.ts';

/** How a run failed: what two runs must share for the one to be the other's failure, made smaller. */
export interface Failure {
  /** The property or expectation that was violated; of an expectation without the place where it is written. */
  readonly check: string;
  /** The kind of state that broke: what the check says, without names, numbers and times. */
  readonly sort: string;
  readonly at: Instant;
  /** What is wrong, for people. */
  readonly says: string;
}

/**
 * How a run failed; undefined when nothing was violated. Of several violations it is the first in time, and of those at one instant the
 * first of the report.
 *
 * @param nodes the names of the hosts and routers, which the kind of a failure leaves out
 */
export function failureOf(
  { findings }: { readonly findings: readonly Finding[] },
  nodes: readonly string[],
): Failure | undefined {
  const violated = findings.filter(({ verdict }) => verdict === 'violated');
  const [first] = violated.toSorted((a, b) => a.at - b.at);
  return first === undefined ? undefined : asFailure(first, nodes);
}

/** A violation as a failure. */
export const asFailure = ({ check, sort, at, says }: Finding, nodes: readonly string[]): Failure => ({
  check: withoutPlace(check),
  sort: sort ?? sortOf(says, nodes),
  at,
  says,
});

/** The name of a check without the place where it is written, which another print of the scenario changes: `by 2s … (line 68)`. */
export const withoutPlace = (check: string): string => check.replace(/ \((?:line \d+|expect\[\d+\])\)$/, '');

/** Whether one failure is the other: the same check, and the same kind of state that broke. */
export const isSame = (one: Failure | undefined, other: Failure | undefined): boolean =>
  one !== undefined && other !== undefined && one.check === other.check && one.sort === other.sort;

/** Eight hex digits that are equal for the same failure, to group many by. */
export function failureFingerprint({ check, sort }: Failure): string {
  const hash = new Hash();
  hash.text(check);
  hash.text(sort);
  return hash.hex().slice(0, 8);
}

/**
 * What a check says, without what differs from run to run: `term 7 has two leaders, n1 and n4` becomes `term # has two leaders, # and #`.
 * Of a text of several lines the first counts; lists of names become one.
 */
export function sortOf(says: string, nodes: readonly string[]): string {
  const names = new Set(nodes);
  const [line = ''] = says.split('\n');
  return line
    .replace(/"[^"]*"/g, '#')
    .replace(/[\p{L}\p{N}_](?:[\p{L}\p{N}_.:/@-]*[\p{L}\p{N}_])?/gu, (word) => (/\d/.test(word) || names.has(word) ? '#' : word))
    .replace(/-#/g, '#')
    .replace(/#(?:(?:, | and | )#)+/g, '#');
}

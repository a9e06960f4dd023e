import type { Finding, Verdict } from '../check/check.ts';

/** What a run's findings come to: violated if any is, else inconclusive if any is, else held. */
export function overall(findings: readonly Finding[], allowUnexercised: boolean): Verdict {
  if (findings.some(({ verdict }) => verdict === 'violated')) return 'violated';
  if (!allowUnexercised && findings.some(({ verdict }) => verdict === 'inconclusive')) return 'inconclusive';
  return 'held';
}

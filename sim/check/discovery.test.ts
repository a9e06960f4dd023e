import fc from 'fast-check';
import { expect, test } from 'vitest';
import { run } from '../run/run.ts';
import { overall } from '../run/verdict.ts';
import { scenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';

const AGENT = 'serf agent -iface=eth0 -discover=blue';
/** Answers are heard for 1 s, the last of them 100 ms before they are dialled; the exchange of states and one round of gossip to all. */
const JOINED = 1000 + 100 + 10 + 2 * 200;
/** Two that start at once may miss each other, but not when they ask again. */
const ASKED_AGAIN = 60_000 + JOINED;

function seen(starts: readonly number[], by: number, seed: number): string {
  const names = starts.map((_, i) => `n${i + 1}`);
  const { plan } = scenario(
    {
      network: { segments: { lan: { subnet: '10.0.1.0/24' } } },
      hosts: Object.fromEntries(names.map((name) => [name, { on: 'lan' }])),
      timeline: starts.map((at, i) => ({ at: `${at}ms`, on: `n${i + 1}`, run: AGENT })),
      expect: [{ by: `${by}ms`, members: { on: 'all', alive: names } }],
      until: `${by + 1}ms`,
    },
    surroundings,
  );
  return overall(run(plan, { registry: surroundings.registry, seed }).findings, false);
}

test('a newcomer in the segment of a living agent is a member of its cluster within a second and a half', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3000, max: 70_000 }), fc.integer(), (start, seed) => {
      expect(seen([0, start], start + JOINED, seed)).toBe('held');
    }),
    { numRuns: 20 },
  );
});

test('of those that start at about the same time all are one cluster within a minute', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 2, maxLength: 4 }), fc.integer(), (starts, seed) => {
      const first = Math.min(...starts);
      expect(
        seen(
          starts.map((start) => start - first),
          Math.max(...starts) + ASKED_AGAIN,
          seed,
        ),
      ).toBe('held');
    }),
    { numRuns: 20 },
  );
});

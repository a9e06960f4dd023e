import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../core/time.ts';
import { firstDifference, type Rerun } from './engine/difference.ts';
import type { Intervention } from './intervention/intervention.ts';
import { run } from './run/run.ts';
import { loadScenario } from './scenario/load.ts';
import type { Plan } from './scenario/plan.ts';
import { surroundings } from './surroundings.ts';
import { faultPlans, faultSpaceOf } from './testing/faults.ts';
import { World } from './world.ts';

const { registry } = surroundings;
const shipped = (name: string): Plan =>
  loadScenario(readFileSync(new URL(`../scenarios/${name}`, import.meta.url)), surroundings, name).plan;

type Lasting = Intervention & { readonly at: Instant; readonly until?: Instant };

/** Runs a plan, and adds each entry only when its time has come. @returns the list that the run has in the end */
function live(plan: Plan, faults: readonly Lasting[], listen: Parameters<Rerun>[0]): readonly Intervention[] {
  const world = new World(plan, { registry, amendable: true, interventions: [], listen: (parts) => [listen(parts)] });
  const interventions: Lasting[] = [];
  const open = ({ until: _, ...entry }: Lasting): Lasting => entry as Lasting;
  const agenda = faults
    .flatMap((fault, index) => [
      { at: fault.at, index, fault },
      ...(fault.until === undefined ? [] : [{ at: fault.until, index }]),
    ])
    .sort((a, b) => a.at - b.at);
  const places = new Map<number, number>();
  for (const entry of agenda) {
    if (world.now < entry.at) world.simulation.runUntil(entry.at);
    const at = (world.now + 1) as Instant;
    if ('fault' in entry) {
      const begun = { ...open(entry.fault), at };
      places.set(entry.index, interventions.push(begun) - 1);
      world.intervention(begun);
    } else {
      const place = places.get(entry.index) as number;
      interventions[place] = { ...(interventions[place] as Lasting), until: at } as Lasting;
      world.over(place, at);
    }
    world.simulation.runUntil(at);
  }
  world.simulation.runUntil(plan.end);
  return interventions;
}

describe.each(['softlayer-vlans.yaml', 'raft-failover.yaml'])('a run of %s', (name) => {
  const plan: Plan = { ...shipped(name), expectations: [], measures: [] };
  const { end } = plan;
  // A disk says when it is asked for something how long that takes, and so has to know its faults in advance.
  const faults = faultPlans({ ...faultSpaceOf(plan, 0.9), most: 5, disks: true }).map((list) =>
    list.filter(({ kind }) => !kind.startsWith('disk-')),
  );
  const lines = fc.array(
    fc
      .record({
        host: fc.constantFrom(...plan.hosts.map((host) => host.name)),
        at: fc.integer({ min: 0, max: end - 2e9 }),
        run: fc.constantFrom('serf members', 'date', 'ping -c1 10.0.0.1', 'nonsense'),
      })
      .map((line) => ({ kind: 'command', ...line }) as Lasting),
    { maxLength: 3 },
  );

  test('to which faults and commands are added while it goes on does what it does when it knows them from the start', () => {
    fc.assert(
      fc.property(faults, lines, (added, typed) => {
        let interventions: readonly Intervention[] = [];
        const difference = firstDifference(
          (listen) => {
            interventions = live(plan, [...added, ...typed] as Lasting[], listen);
          },
          (listen) => {
            run(plan, { registry, interventions, listen: (parts) => [listen(parts)] });
          },
        );
        expect(difference).toBeUndefined();
      }),
      { numRuns: 3 },
    );
  });
});

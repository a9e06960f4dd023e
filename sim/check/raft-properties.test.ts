import { describe, expect, test } from 'vitest';
import { RAFT_INVARIANTS } from '../../core/raft/invariants.ts';
import { type Instant, seconds } from '../../core/time.ts';
import { run } from '../run/run.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Plan } from '../scenario/plan.ts';
import { surroundings } from '../surroundings.ts';
import { World } from '../world.ts';
import { Cells } from './cells.ts';
import { VACUOUS } from './check.ts';
import { RAFT_LIVENESS } from './raft-liveness.ts';
import { RAFT_PROPERTIES } from './raft-properties.ts';
import { raftCheck } from './raft-watch.ts';

const { registry } = surroundings;
const PEERS = '-peers=n1=10.0.1.11,n2=10.0.1.12,n3=10.0.1.13';

/** Three servers on one segment, and a client. */
function planOf({
  flags = '',
  steps = '',
  checks = {},
  until = '30s',
}: Partial<Record<'flags' | 'steps' | 'until', string>> & { checks?: object }): Plan {
  const text = `
name: three servers
seed: 4
network: { segments: { lan: { subnet: 10.0.1.0/24, latency: 500us..2ms } } }
hosts:
  n1: { on: lan, address: 10.0.1.11, disk: { sync: 1ms } }
  n2: { on: lan, address: 10.0.1.12, disk: { sync: 1ms } }
  n3: { on: lan, address: 10.0.1.13, disk: { sync: 1ms } }
  n4: { on: lan, address: 10.0.1.14, disk: { sync: 1ms } }
  client: { on: lan, address: 10.0.1.20 }
timeline:
  - { at: 0s, on: [n1, n2, n3], run: 'kvd ${flags} ${PEERS}' }
  - { at: 3s, on: [n1, n2, n3], run: raft transfer n1 }
${steps}
check: ${JSON.stringify(checks)}
until: ${until}
`;
  return loadScenario(text, surroundings, 'three.yaml').plan;
}

const LOAD = `  - { at: 4s, on: client, run: "kv load -servers=10.0.1.11,10.0.1.12,10.0.1.13 -clients=3 -operations=80 -reads=lease" }`;

const verdictsOf = (plan: Plan): Record<string, string> =>
  Object.fromEntries(run(plan, { registry }).findings.map(({ check, verdict }) => [check, verdict]));

describe('servers of Raft in a world', () => {
  const steps = `${LOAD}
  - { at: 4s, on: client, run: "kv load -servers=10.0.1.11,10.0.1.12,10.0.1.13 -clients=1 -operations=20" }
  - { at: 6s, crash: n1, until: 8s }
  - { at: 9s, cut: { from: n2, to: [n1, n3] }, until: 11s }
  - { at: 12s, crash: n3 }
  - { at: 12500ms, disk: n3, fault: wipe }
  - { at: 13s, boot: n3 }
  - { at: 14s, on: [n1, n2], run: raft remove n3 }
  - { at: 16s, on: [n1, n2], run: raft add-voter n3=10.0.1.13 }
  - { at: 18s, on: [n1, n2, n3], run: raft transfer n2 }`;
  const flags = '-snapshot-threshold=40 -snapshot-trailing=5';

  test('hold every invariant through crashes, cuts, a lost disk and changes of the members, and are the same run as unwatched', () => {
    const always = Object.keys(RAFT_PROPERTIES);
    const watched = run(planOf({ flags, steps, checks: { always, eventually: Object.keys(RAFT_LIVENESS) } }), { registry });
    expect(watched.findings.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
    // Nothing is handed over while clients write, no joint change is asked for, and nothing was cut off.
    const never = watched.findings.filter(({ exercised }) => exercised === 0).map(({ check }) => check);
    expect(never.filter((name) => !['JointCommitted', 'TransferQuiet', 'NoCommittedTruncation'].includes(name))).toEqual([]);
    expect(watched.fingerprint).toBe(run(planOf({ flags, steps }), { registry }).fingerprint);
  });

  test('are held to all that the core is, but for what is told from their cells', () => {
    expect([...Object.keys(RAFT_PROPERTIES), 'ElectionSafety'].sort()).toEqual(Object.keys(RAFT_INVARIANTS).sort());
  });

  test.each`
    bug                                 | property
    ${'the vote is not on disk'}        | ${'VoteOnce'}
    ${'a snapshot without its data'}    | ${'SessionOnce'}
    ${'an empty append for a snapshot'} | ${'NextAboveMatch'}
    ${'the commit index falls'}         | ${'CommitMonotone'}
    ${'a wiped disk is trusted'}        | ${'BootstrapOnce'}
  `('that have a bug ($bug) are caught: $property', ({ bug, property }) => {
    const checks = { always: [property] };
    expect(verdictsOf(planOf({ flags: `${flags} -bug="${bug}"`, steps, checks }))).toEqual({ [property]: 'violated' });
  });

  test('are watched across a save and a restore: what they promised before still counts', () => {
    const plan = planOf({ flags: '-bug="the vote is not on disk"', steps: '  - { at: 6s, crash: n2, until: 8s }' });
    const worldAt = (from: Instant, saved?: Parameters<World['restore']>[0]) => {
      const world = new World(plan, { registry });
      const check = raftCheck('VoteOnce', 'VoteOnce', { world, cells: new Cells(world.names), plan });
      if (saved !== undefined) world.restore(saved);
      world.simulation.runUntil(from);
      return { world, says: check.kind === 'always' ? check.judge() : undefined };
    };
    const { world, says } = worldAt(seconds(7) as number as Instant);
    expect(says).toBe(VACUOUS);
    const again = worldAt(seconds(10) as number as Instant, world.save());
    expect(again.says).toMatch(/^n2 voted for n\d in term \d, and now has forgotten it$/);
    const { observers: _, ...forgetful } = world.save();
    expect(worldAt(seconds(10) as number as Instant, forgetful).says).toBe(VACUOUS);
  });
});

describe('what servers of Raft must come to', () => {
  const apart = ['n1, to: n3', 'n3, to: n1'].map((way) => `  - { at: 6s, cut: { from: ${way} } }`).join('\n');
  const together = apart.replaceAll('} }', '}, until: 9s }');
  const last = '  - { at: 14s, on: n2, run: raft status }';

  test.each(['LeaderElected', 'CaughtUp'])('fails as %s when one never hears the leader that the others keep', (name) => {
    const checks = { eventually: [{ name, within: '20s' }] };
    expect(verdictsOf(planOf({ steps: `${LOAD}\n${apart}\n${last}`, checks, until: '40s' }))).toEqual({ [name]: 'violated' });
    expect(verdictsOf(planOf({ steps: `${LOAD}\n${together}\n${last}`, checks, until: '40s' }))).toEqual({ [name]: 'held' });
  });

  test('fails as ClientsServed when a leader refuses everything after a transfer that came to nothing', () => {
    const checks = { eventually: [{ name: 'ClientsServed', within: '20s' }] };
    const steps = `${LOAD}
  - { at: 6s, cut: { from: n1, to: n2 }, until: 6100ms }
  - { at: 6001ms, on: n1, run: raft transfer n2 }`;
    const flags = '-bug="a failed transfer is never over"';
    expect(verdictsOf(planOf({ flags, steps, checks, until: '40s' }))).toEqual({ ClientsServed: 'violated' });
    expect(verdictsOf(planOf({ steps, checks, until: '40s' }))).toEqual({ ClientsServed: 'held' });
  });

  test('fails as StableLeadership when there is a new leader within ten election timeouts', () => {
    const within = (time: string) => ({ eventually: [{ name: 'StableLeadership', within: time }] });
    const steps = '  - { at: 6s, crash: n1 }';
    expect(verdictsOf(planOf({ steps, checks: within('10s') }))).toEqual({ StableLeadership: 'violated' });
    expect(verdictsOf(planOf({ steps, checks: within('15s') }))).toEqual({ StableLeadership: 'held' });
  });

  test('fails as ChangesEnd while a change is under way', () => {
    const steps = '  - { at: 5s, on: n1, run: raft add-learner n4=10.0.1.14 }';
    const within = (time: string) => ({ eventually: [{ name: 'ChangesEnd', within: time }] });
    expect(verdictsOf(planOf({ steps, checks: within('1ms') }))).toEqual({ ChangesEnd: 'violated' });
    expect(verdictsOf(planOf({ steps, checks: within('1s') }))).toEqual({ ChangesEnd: 'held' });
  });

  test('is not due where no majority is left', () => {
    const checks = { eventually: [{ name: 'LeaderElected', within: '10s' }] };
    expect(verdictsOf(planOf({ steps: '  - { at: 6s, crash: [n1, n2] }', checks }))).toEqual({ LeaderElected: 'held' });
  });
});

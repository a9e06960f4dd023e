import type { ScenarioInput } from '../../../sim/scenario/schema.ts';
import { type Deed, Draw, timelineOf, untilOf } from './draw.ts';

/** Whose word ends in milliseconds: for so long users do things. */
const BUSY = 70_000;
/** From one of them to the next, at most. */
const PAUSE = 6_000;

/**
 * Three to seven agents of Serf, on one segment or on two with a router between them, cold or long together; users say and ask things, and
 * agents leave and come back, are killed, and are said to have left.
 */
export function serfWorld(seed: string): ScenarioInput {
  const draw = new Draw(seed);
  const count = draw.from(3, 7);
  const apart = draw.chance(0.4);
  const brisk = draw.chance(0.5);
  const snapshots = draw.chance(0.5);
  const sealed = draw.chance(0.2);
  const names = Array.from({ length: count }, (_, i) => `n${i + 1}`);
  const addressOf = (i: number): string => (apart && i % 2 === 1 ? `10.0.2.${i + 11}` : `10.0.1.${i + 11}`);
  const addresses = names.map((_, i) => addressOf(i));
  const joins = names.slice(0, 2).map((_, i) => `-retry-join=${addressOf(i)}`);
  const profile = draw.chance(0.3) ? ' -profile=local' : '';
  const agent = `serf agent -config-file=/etc/serf.json -retry-interval=5s ${joins.join(' ')}${profile}`;
  const config = {
    ...(brisk ? { reconnect_interval: '5s', reconnect_timeout: '60s', tombstone_timeout: '40s' } : {}),
    ...(snapshots ? { snapshot_path: '/var/lib/serf.snapshot', rejoin_after_leave: draw.chance(0.5) } : {}),
    ...(sealed ? { encrypt_key: 'cg8StVXbQJ0gPvMd9o7yrg==' } : {}),
  };
  const files = { '/etc/serf.json': JSON.stringify(config) };
  const hosts = Object.fromEntries(
    names.map((name, i) => [name, { on: apart && i % 2 === 1 ? 'right' : 'left', address: addressOf(i), files }]),
  );
  const together = draw.chance(0.5);
  const deeds: Deed[] = names.map((on) => ({ at: together ? 0 : draw.below(8_000), on, run: agent }));
  for (let at = 2_000 + draw.below(PAUSE); at < BUSY; at += 200 + draw.below(PAUSE)) {
    deeds.push(...deed(draw, at, names, addresses, agent));
  }
  return {
    name: 'agents of Serf',
    seed,
    profile: 'fixed',
    start: together ? 'converged' : 'cold',
    network: {
      segments: {
        left: { subnet: '10.0.1.0/24', latency: '200us..2ms' },
        ...(apart ? { right: { subnet: '10.0.2.0/24', latency: '200us..2ms' } } : {}),
      },
      ...(apart ? { routers: { gateway: { on: ['left', 'right'] } } } : {}),
    },
    hosts,
    timeline: timelineOf(deeds),
    until: untilOf(deeds),
  };
}

function deed(draw: Draw, at: number, names: readonly string[], addresses: readonly string[], agent: string): Deed[] {
  const on = draw.of(names);
  const does = (run: string): Deed[] => [{ at, on, run }];
  switch (draw.below(12)) {
    case 0:
    case 1:
    case 2:
      return does(`serf event -coalesce=${draw.chance(0.5)} deploy ${draw.below(4)}`);
    case 3:
      return does(`serf query ${draw.chance(0.3) ? '-relay-factor=2 ' : ''}load ${draw.below(4)}`);
    case 4:
      return does(`serf tags -set role=${draw.of(['web', 'db'])}`);
    case 5:
    case 6:
      // Some do not come back.
      if (draw.chance(0.4)) return does('serf leave');
      return [
        { at, on, run: 'serf leave' },
        { at: at + 4_000 + draw.below(20_000), on, run: agent },
      ];
    case 7:
      return does(`serf force-leave ${draw.of(names)}`);
    case 8:
      return does(`serf join ${draw.of(addresses)}`);
    case 9:
      return [
        { at, on, run: 'pkill -9 serf' },
        { at: at + draw.below(25_000), on, run: agent },
      ];
    case 10:
      return [{ at, on, run: 'pkill -9 serf' }];
    default:
      return does(draw.of(['serf members', 'serf reachability', 'serf info']));
  }
}

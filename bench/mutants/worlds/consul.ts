import type { ScenarioInput } from '../../../sim/scenario/schema.ts';
import { type Deed, Draw, timelineOf, untilOf } from './draw.ts';

const BUSY = 70_000;
const PAUSE = 9_000;

/** Three Consul servers that expect three, up to two that join them, and users who write, read, have servers leave, some for good, and kill them. */
export function consulWorld(seed: string): ScenarioInput {
  const draw = new Draw(seed);
  const count = draw.from(3, 5);
  const names = Array.from({ length: count }, (_, i) => `c${i + 1}`);
  const address = (i: number): string => `10.0.1.${i + 11}`;
  const pace = draw.chance(0.7) ? ' -config-file=/etc/consul.json' : '';
  // Were more to wait for three, those who first know each other could be others for each (bootstrap races).
  const agentOf = (name: string): string =>
    `consul agent -server${names.indexOf(name) < 3 ? ' -bootstrap-expect=3' : ''} -data-dir=/opt/consul -retry-join=${address(0)} -retry-join=${address(1)} -retry-interval=5s${pace}`;
  const files = { '/etc/consul.json': JSON.stringify({ performance: { raft_multiplier: 1 } }) };
  const deeds: Deed[] = names.map((on, i) => ({ at: i < 3 ? draw.below(4_000) : draw.below(40_000), on, run: agentOf(on) }));
  for (let at = 10_000 + draw.below(PAUSE); at < BUSY; at += 500 + draw.below(PAUSE))
    deeds.push(...deed(draw, at, names, agentOf));
  const disk = { sync: draw.of(['1ms', '5ms']) };
  return {
    name: 'Consul servers',
    seed,
    profile: 'fixed',
    network: { segments: { lan: { subnet: '10.0.1.0/24', latency: '500us..2ms' } } },
    hosts: Object.fromEntries(names.map((name, i) => [name, { on: 'lan', address: address(i), disk, files }])),
    timeline: timelineOf(deeds),
    until: untilOf(deeds),
  };
}

function deed(draw: Draw, at: number, names: readonly string[], agentOf: (name: string) => string): Deed[] {
  const on = draw.of(names);
  const agent = agentOf(on);
  switch (draw.below(10)) {
    case 0:
    case 1:
    case 2:
      return [{ at, on, run: `consul kv put key${draw.below(2)} ${at}` }];
    case 3:
    case 4:
      return [{ at, on, run: `consul kv get key${draw.below(2)}` }];
    case 5:
      return [
        { at, on, run: 'consul leave' },
        // One that came later may be retired.
        ...(names.indexOf(on) >= 3 && draw.chance(0.5) ? [] : [{ at: at + 12_000 + draw.below(20_000), on, run: agent }]),
      ];
    case 6:
      return [
        { at, on, run: 'pkill -9 consul' },
        { at: at + draw.below(25_000), on, run: agent },
      ];
    case 7:
      return [{ at, on, run: `consul force-leave ${draw.of(names)}` }];
    case 8:
      // Everybody leaves, and comes back.
      return draw.chance(0.3)
        ? names.flatMap((name) => [
            { at, on: name, run: 'consul leave' },
            { at: at + 30_000, on: name, run: agentOf(name) },
          ])
        : [{ at, on, run: 'consul operator raft list-peers' }];
    default:
      return [{ at, on, run: 'consul members' }];
  }
}

import { describe, expect, test } from 'vitest';
import { run } from '../laws/world.ts';
import { laws, type Place } from '../laws.ts';
import { LAN } from './config.ts';
import { Gossip, type GossipCommand } from './gossip.ts';
import { gossipInvariants } from './invariants.ts';
import { type Profile, QUIRKS } from './quirks.ts';
import type { GossipState } from './state.ts';

const subject = (profile: Profile) => ({
  name: `gossip as ${profile}`,
  sockets: [{ transport: 'udp', port: 7946 } as const, { transport: 'stream', port: 7946 } as const],
  nodes: 4,
  make({ neighbours, index, names, random }: Place): Gossip {
    const { name, endpoints } = neighbours[index] as Place['neighbours'][number];
    const self = { name, address: endpoints[0] as never, addressBytes: 4 as const, versions: [1, 5, 2, 2, 5, 5] as const };
    return new Gossip({ self, config: LAN, quirks: QUIRKS[profile], names, random });
  },
  command(random: { integer(below: number): number }, { neighbours }: Place): GossipCommand {
    const peer = neighbours[random.integer(neighbours.length)] as Place['neighbours'][number];
    return random.integer(10) === 0 ? { command: 'members' } : { command: 'join', addresses: [peer.endpoints[0] as never] };
  },
});

const profiles = ['serf-0.9', 'serf-0.10', 'fixed'] as const;

describe.each(profiles.flatMap((profile) => laws(subject(profile)).map((law) => ({ ...law, profile }))))(
  'gossip as $profile and the laws: $name',
  ({ check }) => {
    test.each([1, 2, 3])('with seed %i', (seed) => check(seed));
  },
);

describe('the invariants of gossip', () => {
  test.each(profiles)('hold in the closed world, as %s', (profile) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const states: GossipState[] = [];
      run({ ...subject(profile), events: 1500 }, seed, {
        after({ place, protocol }) {
          states[place.index] = protocol.state as GossipState;
          for (const { violation } of gossipInvariants) expect(violation(states.filter(Boolean))).toBeUndefined();
        },
      });
      expect(states.some((state) => state.members.count > 2)).toBe(true);
    }
  });
});

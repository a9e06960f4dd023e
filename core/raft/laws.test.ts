import { describe, expect, test } from 'vitest';
import { run } from '../laws/world.ts';
import { laws, type Place } from '../laws.ts';
import type { Endpoint } from '../names.ts';
import { milliseconds, seconds } from '../time.ts';
import { TallyMachine } from './cluster-machine.ts';
import { configuration } from './configuration.ts';
import { consul, PROFILES, type RaftProfile } from './profiles.ts';
import { Raft, type RaftCommand } from './raft.ts';
import type { RaftState } from './state.ts';

/** A machine whose state is a part's own is saved with it; this one is made anew by what Raft keeps. */
const subject = (profile: RaftProfile) => {
  const config = {
    ...(profile === 'consul' ? consul(1) : PROFILES[profile]),
    electionTimeout: milliseconds(300),
    electionSpread: milliseconds(300),
    candidateTimeout: milliseconds(300),
    heartbeatInterval: milliseconds(30),
    leaderLease: milliseconds(150),
    snapshotThreshold: 10,
    snapshotTrailing: 3,
    snapshotChunk: 70_000,
    sessionTimeToLive: seconds(5),
    maxSessions: 3,
  };
  return {
    name: `raft as ${profile}`,
    sockets: [{ transport: config.transport, port: 8300 } as const],
    nodes: 3,
    events: 1000,
    make({ neighbours, index, names, random }: Place): Raft {
      const servers = neighbours.map(({ name, endpoints }) => ({ name, endpoint: endpoints[0] as Endpoint }));
      const self = servers[index] as (typeof servers)[number];
      return new Raft({
        self,
        config,
        names,
        random,
        machine: new SilentMachine(),
        bootstrap: configuration({ voters: servers }),
      });
    },
    command(random: { integer(below: number): number }, { neighbours }: Place): RaftCommand {
      const peer = neighbours[random.integer(neighbours.length)] as Place['neighbours'][number];
      const server = { name: peer.name, endpoint: peer.endpoints[0] as Endpoint };
      switch (random.integer(12)) {
        case 0:
          return { command: 'status' };
        case 1:
          return { command: 'read', query: undefined, mode: 'index' };
        case 2:
          return { command: 'transfer' };
        case 3:
          return { command: 'change', steps: [{ type: 'learner', server }] };
        case 4:
          return { command: 'change', steps: [{ type: 'voter', server }] };
        case 5:
          return { command: 'register' };
        case 6:
          return { command: 'read', query: undefined, mode: 'lease' };
        default:
          return {
            command: 'propose',
            payload: random.integer(1000),
            bytes: 8,
            ...(random.integer(2) === 0 ? { session: { client: 2, sequence: random.integer(5), acknowledged: 0 } } : {}),
          };
      }
    },
  };
};

/** Answers the same whatever it has executed, as the laws save the state of Raft alone. */
class SilentMachine extends TallyMachine {
  override apply(): { count: number; hash: number } {
    return { count: 0, hash: 0 };
  }
}

const profiles = ['partita', 'paper', 'etcd', 'hashicorp', 'consul'] as const;

// The paper's does a part of what partita's does, and HashiCorp's the same as Consul's.
describe.each(
  (['partita', 'etcd', 'consul'] as const).flatMap((profile) => laws(subject(profile)).map((law) => ({ ...law, profile }))),
)('raft as $profile and the laws: $name', ({ check }) => {
  test.each([1, 2])('with seed %i', (seed) => check(seed));
});

describe('raft in the closed world', () => {
  test.each(profiles)('elects leaders and commits, as %s', (profile) => {
    const states: RaftState[] = [];
    for (const seed of [1, 2, 3, 4, 5]) {
      run(subject(profile), seed, {
        after({ place, protocol }) {
          states[place.index] = protocol.state as RaftState;
        },
      });
      if (states.some(({ commitIndex }) => commitIndex > 2)) return;
    }
    expect(states.map(({ commitIndex }) => commitIndex)).toBe('more than two somewhere');
  });
});

import type { Address } from '../core/address.ts';
import { type Endpoint, type NameId, Names } from '../core/names.ts';
import type { Out, StreamId } from '../core/protocol.ts';
import { configuration } from '../core/raft/configuration.ts';
import type { RaftMessage } from '../core/raft/message.ts';
import { PROFILES } from '../core/raft/profiles.ts';
import { Raft } from '../core/raft/raft.ts';
import type { Rng } from '../core/random.ts';
import type { Instant } from '../core/time.ts';
import type { Bench, Contestant } from './contest.ts';
import { Lottery } from './lottery.ts';

const COMMITS = 20_000;
const PROPOSAL = { command: 'propose', payload: 'x', bytes: 100 } as const;

/** A machine that counts. */
class Counter {
  count = 0;
  apply(): number {
    return ++this.count;
  }
  query(): number {
    return this.count;
  }
  snapshot(): { data: number; bytes: number } {
    return { data: this.count, bytes: 8 };
  }
  isSnapshot(data: unknown): boolean {
    return typeof data === 'number';
  }
  restore(data: unknown): void {
    this.count = typeof data === 'number' ? data : 0;
  }
}

const chance = (): Rng => {
  const lottery = new Lottery();
  return { fraction: () => lottery.fraction(), integer: (below) => Math.floor(lottery.fraction() * below) };
};

/** What is to be brought to a server: a message, or that a write came back. */
interface Errand {
  readonly to: Server;
  readonly from: Endpoint;
  readonly message: RaftMessage | undefined;
  readonly write: number;
}

/** One server and its world: messages arrive in the order in which they were sent, writes come back at once. */
class Server implements Out<RaftMessage> {
  readonly errands: Errand[];
  readonly servers: Server[];
  readonly endpoint: Endpoint;
  readonly raft: Raft;
  readonly machine = new Counter();
  election = false;

  constructor(
    servers: Server[],
    errands: Errand[],
    names: Names,
    name: NameId,
    endpoint: Endpoint,
    all: readonly { name: NameId; endpoint: Endpoint }[],
  ) {
    this.errands = errands;
    this.servers = servers;
    this.endpoint = endpoint;
    this.raft = new Raft({
      self: { name, endpoint },
      config: { ...PROFILES.partita, snapshotThreshold: 10_000, snapshotTrailing: 1000 },
      names,
      random: chance(),
      machine: this.machine,
      bootstrap: configuration({ voters: all }),
    });
  }

  send(_socket: number, to: Endpoint, message: RaftMessage): boolean {
    const receiver = this.servers[to] as Server;
    this.errands.push({ to: receiver, from: this.endpoint, message, write: 0 });
    return true;
  }
  sync(_file: string, write: number): void {
    this.errands.push({ to: this, from: this.endpoint, message: undefined, write });
  }
  append(): void {}
  replace(): void {}
  truncate(): void {}
  open(): StreamId {
    throw new Error('no streams here');
  }
  transmit(): void {}
  close(): void {}
  setTimer(): void {}
  cancelTimer(): void {}
  reply(): void {}
  cell(): void {}
  announce(): void {}
  log(): void {}
  of(): Out<never> {
    return this as Out<never>;
  }
}

function cluster(size: number): Contestant {
  const names = new Names();
  const servers: Server[] = [];
  const errands: Errand[] = [];
  const all = Array.from({ length: size }, (_, i) => ({
    name: names.id(`n${i}`),
    endpoint: names.endpoint((0x0a_00_00_01 + i) as Address, 8300),
  }));
  for (const { name, endpoint } of all) servers.push(new Server(servers, errands, names, name, endpoint, all));
  let now = 0 as Instant;
  let inputs = 0;
  const settle = () => {
    for (let i = 0; i < errands.length; i++) {
      const { to, from, message, write } = errands[i] as Errand;
      inputs++;
      if (message === undefined) to.raft.written(now, write, 'ok', to);
      else to.raft.receive(now, 0 as never, from, message, to);
    }
    errands.length = 0;
  };
  for (const server of servers) server.raft.start(now, { count: 0, files: new Map() }, server);
  settle();
  const leader = servers[0] as Server;
  now = (leader.raft.state.electionDeadline + 2_000_000_000) as Instant;
  leader.raft.timeout(now, 0, 0, leader);
  settle();
  const round = () => {
    for (let i = 0; i < COMMITS; i++) {
      leader.raft.command(now, i, PROPOSAL, leader);
      settle();
    }
    return COMMITS;
  };
  const finish = () => {
    const counts = servers.map(({ machine }) => machine.count);
    if (new Set(counts).size > 1) throw new Error(`they have executed ${counts.join(', ')}`);
    return inputs | 0;
  };
  return { round, finish };
}

/** One proposal at a time, committed and executed everywhere before the next. */
export const raft: Bench = {
  description:
    'A proposal of 100 bytes is replicated, written to every disk, committed and executed on all servers before the next one is made; no faults, no invariants, the network and the disks of a queue of objects.',
  operations: 'commit',
  contests: [
    { name: '5 servers', contestants: { partita: () => cluster(5) }, rounds: 11, warmUp: 5, reach: [] },
    { name: '3 servers', contestants: { partita: () => cluster(3) }, rounds: 11, warmUp: 5, reach: [] },
  ],
};

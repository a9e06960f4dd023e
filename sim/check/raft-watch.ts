import { isOperation } from '../../core/kv/operation.ts';
import { KvServer } from '../../core/kv/server.ts';
import { execute, snapshotOf } from '../../core/kv/table.ts';
import type { NameId } from '../../core/names.ts';
import { membersOf } from '../../core/raft/configuration.ts';
import type { RaftInvariant } from '../../core/raft/invariants.ts';
import { type Configuration, Raft, type RaftMessage } from '../../core/raft/raft.ts';
import { latestConfig } from '../../core/raft/standing.ts';
import type { ReferenceMachine } from '../../core/raft/watch/reference.ts';
import type { WatchState } from '../../core/raft/watch/state.ts';
import { type Deed, RaftWatch } from '../../core/raft/watch/watch.ts';
import type { Instant } from '../../core/time.ts';
import type { ObservedPart, Observer, ProtocolInput } from '../host/observer.ts';
import type { World } from '../world.ts';
import { type Check, VACUOUS } from './check.ts';
import type { Subject } from './property.ts';

/** A cluster: whoever is in a configuration together, or was. */
export interface Group {
  readonly watch: RaftWatch;
  readonly members: Set<NameId>;
}

/** A server that runs, and those that it is in a cluster with. */
export interface Server {
  readonly raft: Raft;
  readonly node: number;
  group: Group | undefined;
  /** By its clock, when it was given something last. */
  now: Instant | undefined;
  /** The latest configuration that its members were taken from. */
  config: Configuration | undefined;
}

/** What it remembers, as plain data. */
interface Saved {
  readonly groups: readonly { readonly state: WatchState; readonly members: readonly NameId[] }[];
}

/** A store of keys and values, as it should be. */
const STORE: ReferenceMachine<{ readonly table: Map<string, string> }> = {
  empty: () => ({ table: new Map() }),
  apply: ({ table }, _index, _at, command) => (isOperation(command) ? execute(table, command) : null),
  snapshot: ({ table }) => snapshotOf(table).data,
};

/**
 * The watches of Raft over all servers of a world, one for each cluster of which they are; one of these for all checks of a run. A server
 * belongs to a cluster as soon as it knows of one, or one of it.
 */
export class RaftObserver implements Observer {
  private readonly world: World;
  private readonly found: () => void;
  /** By process: no process has two. */
  private readonly servers = new Map<number, Server>();
  /** Derived from them: whom each protocol belongs to, as far as it was looked up. */
  private readonly byPart = new Map<ObservedPart, Server>();
  private groups: Group[] = [];
  private violations = 0;
  private readonly alarm = () => this.violations;

  /** @param found told that something is wrong */
  constructor(world: World, found: () => void) {
    this.world = world;
    this.found = found;
    world.hosts.observers.push(this);
  }

  /** The check of one invariant. */
  check(name: string, invariant: RaftInvariant): Check {
    return {
      kind: 'always',
      name,
      alarm: this.alarm,
      judge: () => {
        const all = this.groups.flatMap(({ watch }) => watch.violations);
        return all.find((violation) => violation.invariant === invariant)?.says ?? VACUOUS;
      },
      exercised: () => this.groups.reduce((sum, { watch }) => sum + watch.state.exercised[invariant], 0),
      sort: () => invariant,
    };
  }

  /** All that run, by their clusters. */
  clusters(): { readonly watch: RaftWatch; readonly servers: readonly Server[] }[] {
    const all = [...this.servers.values()];
    return this.groups.map((group) => ({ watch: group.watch, servers: all.filter((server) => server.group === group) }));
  }

  feeding(part: ObservedPart, now: Instant): void {
    const { protocol } = part;
    let server = this.serverOf(part);
    if (server === undefined && protocol instanceof Raft) server = this.begin(part, protocol);
    if (server !== undefined) server.now = now;
  }

  fed(part: ObservedPart, now: Instant, input: ProtocolInput): void {
    const server = this.serverOf(part);
    const group = server === undefined ? undefined : this.groupOf(server);
    if (server === undefined || group === undefined) return;
    const { raft } = server;
    const isOwn = raft === (part.protocol as unknown);
    if (isOwn && input.type === 'start' && raft.options.recover !== undefined) group.watch.forget();
    // What is given to another part of the process may have done something to this one.
    group.watch.after(raft, isOwn ? deedOf(input) : 'command', now, part.late);
    this.look();
  }

  sent(part: ObservedPart, _to: number, message: unknown): void {
    this.says(part, message as RaftMessage);
  }

  transmitted(part: ObservedPart, _stream: number, message: unknown): void {
    this.says(part, message as RaftMessage);
  }

  private says(part: ObservedPart, message: RaftMessage): void {
    const server = this.serverOf(part);
    if (server === undefined || server.raft !== (part.protocol as unknown) || message.type === 'hello') return;
    this.groupOf(server)?.watch.sent(server.raft, message, server.now);
    this.look();
  }

  ended(part: ObservedPart): void {
    const server = this.servers.get(processOf(part));
    if (server === undefined || server.raft !== (part.protocol as unknown)) return;
    server.group?.watch.ended(server.raft);
    this.servers.delete(processOf(part));
    this.byPart.clear();
  }

  saved(): Saved {
    return { groups: this.groups.map(({ watch, members }) => ({ state: watch.save(), members: [...members] })) };
  }

  restored(parts: readonly ObservedPart[], saved: object | undefined): void {
    this.servers.clear();
    this.byPart.clear();
    for (const part of parts) if (part.protocol instanceof Raft) this.begin(part, part.protocol);
    this.groups = ((saved as Saved | undefined)?.groups ?? []).map(({ state, members }) => {
      const all = [...this.servers.values()].filter(({ raft }) => members.includes(raft.self.name));
      const group = { watch: this.newWatch(all[0]?.raft), members: new Set(members) };
      group.watch.restore(
        state,
        all.map(({ raft }) => raft),
      );
      for (const server of all) server.group = group;
      return group;
    });
    this.violations = 0;
    this.look();
  }

  private serverOf(part: ObservedPart): Server | undefined {
    const known = this.byPart.get(part);
    if (known !== undefined) return known;
    const server = this.servers.get(processOf(part));
    if (server !== undefined) this.byPart.set(part, server);
    return server;
  }

  private begin(part: ObservedPart, raft: Raft): Server {
    const server: Server = { raft, node: part.node, group: undefined, now: undefined, config: undefined };
    this.servers.set(processOf(part), server);
    raft.answering = (asked, mode, now) => {
      server.group?.watch.served(raft, { asked, mode, now });
      this.look();
    };
    return server;
  }

  private newWatch(raft: Raft | undefined): RaftWatch {
    return new RaftWatch(this.world.names, raft?.machine instanceof KvServer ? STORE : undefined);
  }

  /** The cluster that a server belongs to now; undefined as long as it knows of none, and none of it. */
  private groupOf(server: Server): Group | undefined {
    const { raft } = server;
    const config = latestConfig(raft);
    return server.group !== undefined && config === server.config ? server.group : this.joined(server, config);
  }

  /** The same, where it acts by another configuration than before. */
  private joined(server: Server, config: Configuration): Group | undefined {
    const { raft } = server;
    server.config = config;
    const members = membersOf(config).map(({ name }) => name);
    const own = raft.self.name;
    server.group ??= this.groups.find((group) => group.members.has(own) || members.some((name) => group.members.has(name)));
    if (server.group === undefined && members.length === 0) return undefined;
    if (server.group === undefined) {
      server.group = { watch: this.newWatch(raft), members: new Set() };
      this.groups.push(server.group);
    }
    for (const name of [own, ...members]) server.group.members.add(name);
    return server.group;
  }

  private look(): void {
    let violations = 0;
    for (const { watch } of this.groups) violations += watch.violations.length;
    if (violations === this.violations) return;
    this.violations = violations;
    this.found();
  }
}

/** The numbers of processes begin anew on each host. */
const processOf = ({ node, pid }: ObservedPart): number => node * 0x1_0000_0000 + pid;

function deedOf(input: ProtocolInput): Deed {
  switch (input.type) {
    case 'receive':
      return input.message as RaftMessage;
    case 'stream':
      return input.event.type === 'data' ? (input.event.message as RaftMessage) : 'other';
    case 'timeout':
      return 'timer';
    case 'command':
      return 'command';
    case 'written':
      return 'written';
    default:
      return 'other';
  }
}

const OBSERVERS = new WeakMap<World, RaftObserver>();

/** The check of an invariant of Raft; to be made before anything runs. */
export const raftCheck = (name: string, invariant: RaftInvariant, subject: Subject): Check =>
  raftObserverOf(subject).check(name, invariant);

/** Who watches the servers of a world; made when it is first asked for. */
export function raftObserverOf({ world, cells }: Subject): RaftObserver {
  let observer = OBSERVERS.get(world);
  if (observer === undefined) {
    observer = new RaftObserver(world, () => {
      // Checks are asked after every event with which something was shown.
      cells.version++;
    });
    OBSERVERS.set(world, observer);
  }
  return observer;
}

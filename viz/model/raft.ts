import { Kind } from '../../sim/engine/journal.ts';
import { CellHistory } from './cells.ts';
import { once } from './once.ts';
import { RaftLog } from './raft-log.ts';
import { type Progress, Replication } from './replication.ts';
import { fieldOf, nameOf, type Run } from './run.ts';

/** The cells of a server, by the names that the protocol gives them. */
const FIELDS = ['role', 'term', 'vote', 'leader', 'last', 'last term', 'commit', 'snapshot', 'voters', 'learners'] as const;
type Field = (typeof FIELDS)[number];

const PREFIX = 'raft.';

/** One server at one moment. */
export interface RaftServer {
  readonly node: number;
  readonly name: string;
  /** Undefined before it has said anything. */
  readonly role: string | undefined;
  readonly term: number;
  readonly vote: string;
  readonly leader: string;
  readonly last: number;
  readonly lastTerm: number;
  readonly commit: number;
  readonly snapshot: number;
  readonly voters: readonly string[];
  /** The voters of before, while a joint change is under way. */
  readonly outgoing: readonly string[];
  readonly learners: readonly string[];
  /** How much of its log the leader knows to equal its own; undefined for the leader, and where it has heard nothing. */
  readonly match: number | undefined;
  /** The entry that the leader would send it next; undefined for the leader, and where it has sent nothing. */
  readonly next: number | undefined;
}

/** A stretch of a server's life in one role and term. */
export interface Reign {
  readonly from: number;
  readonly to: number;
  /** After how many records it began; 0 when that was before the window. */
  readonly position: number;
  readonly role: string;
  readonly term: number;
}

/** What happened to one entry, in order. */
export interface EntryMoment {
  readonly place: number;
  readonly node: number;
  readonly what: 'appended' | 'acknowledged' | 'committed';
}

interface Acks {
  readonly positions: number[];
  readonly indexes: number[];
}

/** The Raft servers of a run, from their cells and from the messages between them. */
export class RaftServers {
  /** Nodes that run a server, in their order. */
  readonly nodes: readonly number[];
  private readonly run: Run;
  private readonly cells: CellHistory;
  private readonly numbers: ReadonlyMap<number, ReadonlyMap<Field, number>>;
  /** All are made when they are first asked for: they look at each message of the window. */
  private readonly acks: () => ReadonlyMap<number, Acks>;
  private readonly logs: () => RaftLog;
  private readonly replication: () => Replication;

  constructor(run: Run, cells = new CellHistory(run)) {
    this.run = run;
    this.cells = cells;
    this.numbers = cellsOf(run);
    this.nodes = [...this.numbers.keys()].toSorted((a, b) => a - b);
    this.acks = once(() => acksOf(run, new Set(this.nodes)));
    this.replication = once(() => new Replication(run, new Set(this.nodes)));
    this.logs = once(() => {
      const ends = this.nodes.map(
        (node) => [node, { last: this.number(node, 'last'), term: this.number(node, 'last term') }] as const,
      );
      return new RaftLog(run, new Map(ends), cells);
    });
  }

  get log(): RaftLog {
    return this.logs();
  }

  /** Who is what in which term; undefined before a server has said anything. */
  roles(position: number): { readonly node: number; readonly role: string | undefined; readonly term: number }[] {
    return this.nodes.map((node) => ({
      node,
      role: this.value(node, 'role', position) as string | undefined,
      term: Number(this.value(node, 'term', position) ?? 0),
    }));
  }

  at(position: number): RaftServer[] {
    const leader = this.nodes.find((node) => this.text(node, 'role', position) === 'leader' && this.isNewest(node, position));
    return this.nodes.map((node) => {
      const number = (field: Field): number => Number(this.value(node, field, position) ?? 0);
      const progress = leader === undefined || leader === node ? undefined : this.progress(leader, node, position);
      const [voters, outgoing] = this.text(node, 'voters', position).split(' | ') as [string, string | undefined];
      return {
        node,
        name: nameOf(this.run, node),
        role: this.value(node, 'role', position) as string | undefined,
        term: number('term'),
        vote: this.text(node, 'vote', position),
        leader: this.text(node, 'leader', position),
        last: number('last'),
        lastTerm: number('last term'),
        commit: number('commit'),
        snapshot: number('snapshot'),
        voters: words(voters),
        outgoing: words(outgoing ?? ''),
        learners: words(this.text(node, 'learners', position)),
        match: progress?.match === 0 ? undefined : progress?.match,
        next: progress?.next,
      };
    });
  }

  /** The roles and terms that a server went through in the window. */
  reigns(node: number): Reign[] {
    const [role, term] = [this.cells.series(this.number(node, 'role')), this.cells.series(this.number(node, 'term'))];
    const bounds = [0, ...new Set([...role.positions, ...term.positions].toSorted((a, b) => a - b))];
    const at = (position: number): number => (position === 0 ? 0 : (this.run.records.at[position - 1] as number));
    const reigns = bounds
      .map((position, i) => ({
        from: at(position),
        to: i === bounds.length - 1 ? this.run.end : at(bounds[i + 1] as number),
        position,
        role: this.text(node, 'role', position),
        term: Number(this.value(node, 'term', position) ?? 0),
      }))
      .filter((reign) => reign.role !== '');
    return reigns.filter(({ from, to }, i) => to > from || i === reigns.length - 1);
  }

  /** Who voted for whom in a server's present term. */
  votes(servers: readonly RaftServer[], candidate: RaftServer): string[] {
    return servers.filter(({ term, vote }) => term === candidate.term && vote === candidate.name).map(({ name }) => name);
  }

  /** What became of the entry with this index and term: who appended, acknowledged and committed it, and when. */
  story(index: number, term: number): EntryMoment[] {
    const moments: EntryMoment[] = [];
    const appended = this.nodes
      .map((node) => ({ node, position: this.log.appendedAt(node, index, term) }))
      .filter((each): each is { node: number; position: number } => each.position !== undefined);
    for (const { node, position } of appended) {
      moments.push({ place: position - 1, node, what: 'appended' });
      const acks = this.acks().get(node);
      const first = acks?.positions.findIndex((at, i) => at >= position && (acks.indexes[i] as number) >= index) ?? -1;
      if (acks !== undefined && first >= 0)
        moments.push({ place: (acks.positions[first] as number) - 1, node, what: 'acknowledged' });
      const commits = this.cells.series(this.number(node, 'commit'));
      const committed = commits.positions.findIndex((at, i) => at >= position && Number(commits.values[i]) >= index);
      if (committed >= 0 && this.log.term(node, index, commits.positions[committed] as number) === term)
        moments.push({ place: (commits.positions[committed] as number) - 1, node, what: 'committed' });
    }
    return moments.toSorted((a, b) => a.place - b.place);
  }

  /**
   * When a leader sent the latest heartbeats that a majority has answered: from then on nobody else can have been elected for as long as a lease lasts.
   * Undefined for who does not lead, or has not been answered.
   */
  heardSince({ node, name, role, term, voters }: RaftServer, position: number): number | undefined {
    if (role !== 'leader') return undefined;
    const others = voters
      .filter((voter) => voter !== name)
      .map((voter) => this.nodes.find((each) => nameOf(this.run, each) === voter));
    return this.replication().heardSince(
      node,
      others.map((each) => each ?? -1),
      voters.includes(name),
      term,
      position,
    );
  }

  private progress(leader: number, follower: number, position: number): Progress | undefined {
    return this.replication().of(leader, follower, Number(this.value(leader, 'term', position) ?? 0), position);
  }

  /** Whether nobody is in a later term than this leader: a deposed one may not know yet. */
  private isNewest(node: number, position: number): boolean {
    const term = Number(this.value(node, 'term', position) ?? 0);
    return this.nodes.every(
      (other) => this.text(other, 'role', position) !== 'leader' || Number(this.value(other, 'term', position) ?? 0) <= term,
    );
  }

  private number(node: number, field: Field): number {
    return this.numbers.get(node)?.get(field) ?? -1;
  }

  private value(node: number, field: Field, position: number): number | string | undefined {
    return this.cells.value(this.number(node, field), position);
  }

  private text(node: number, field: Field, position: number): string {
    return String(this.value(node, field, position) ?? '');
  }
}

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

/** The numbers of the cells that servers write of themselves. */
function cellsOf({ table, topology }: Run): Map<number, Map<Field, number>> {
  const found = new Map<number, Map<Field, number>>();
  for (let cell = 0; cell < table.count; cell++) {
    const field = FIELDS.find((name) => table.field(cell) === PREFIX + name);
    const node = table.node(cell);
    if (field === undefined || table.subject(cell) !== topology.nodes[node]?.name) continue;
    const own = found.get(node) ?? new Map<Field, number>();
    found.set(node, own.set(field, cell));
  }
  return found;
}

/** What each server acknowledged to whom: the positive answers that arrived. */
function acksOf(run: Run, servers: ReadonlySet<number>): Map<number, Acks> {
  const { records, words: vocabulary } = run;
  const wanted = new Map<number, boolean>();
  const found = new Map<number, Acks>();
  for (let i = 0; i < records.count; i++) {
    if (records.kind[i] !== Kind.deliver || !servers.has(records.node[i] as number)) continue;
    const word = records.word[i] as number;
    if (!wanted.has(word)) wanted.set(word, vocabulary.name(word) === 'append-response');
    if (wanted.get(word) !== true) continue;
    const message = fieldOf(run.payload(i), 'message');
    if (fieldOf(message, 'ok') !== true) continue;
    const from = records.peer[i] as number;
    const acks = found.get(from) ?? { positions: [], indexes: [] };
    found.set(from, acks);
    acks.positions.push(i + 1);
    acks.indexes.push(Number(fieldOf(message, 'index')));
  }
  return found;
}

/** How the members that a server sees differ from the peers that its configuration names. */
export interface Mismatch {
  /** Peers that it does not hold for alive. */
  readonly gone: readonly string[];
  /** Servers that it holds for alive, and that are no peers. */
  readonly extra: readonly string[];
}

/** @param alive the names that this server's member list has as alive; undefined when it keeps none */
export function mismatchOf(
  server: RaftServer,
  servers: readonly RaftServer[],
  alive: ReadonlySet<string> | undefined,
): Mismatch | undefined {
  if (alive === undefined) return undefined;
  const peers = new Set([...server.voters, ...server.outgoing, ...server.learners]);
  return {
    gone: [...peers].filter((name) => !alive.has(name)),
    extra: servers.map(({ name }) => name).filter((name) => alive.has(name) && !peers.has(name)),
  };
}

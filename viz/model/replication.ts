import { Kind } from '../../sim/engine/journal.ts';
import { fieldOf, type Run } from './run.ts';

/** What a leader knows of a follower's log, and which entry it would send next. */
export interface Progress {
  /** The highest entry that is known to be the same in both; 0 while nothing is. */
  readonly match: number;
  readonly next: number;
}

interface Step extends Progress {
  readonly position: number;
  readonly term: number;
  /** Where the logs part is not known: the same is sent again until it fits. */
  readonly probing: boolean;
}

/** A heartbeat that was answered. */
interface Contact {
  readonly position: number;
  readonly term: number;
  /** When it had been sent, or a later one that was answered before. */
  readonly sent: number;
}

const TYPES = ['append', 'append-response', 'snapshot', 'heartbeat', 'heartbeat-response'] as const;
type Type = (typeof TYPES)[number];

/**
 * What leaders know of their followers, taken from the messages between them: how `nextIndex` and `matchIndex` move (Raft §5.3) follows from what was
 * sent and which answers arrived, and so does since when a majority has been heard, which is what a lease counts from (thesis §6.4.1).
 */
export class Replication {
  /** By leader and follower. */
  private readonly steps = new Map<string, Step[]>();
  private readonly contacts = new Map<string, Contact[]>();

  /** @param servers nodes that run a server */
  constructor(run: Run, servers: ReadonlySet<number>) {
    const { kind, node, peer, word, at, count } = run.records;
    const types = new Map<number, Type | undefined>();
    /** When each leader sent which round. */
    const rounds = new Map<number, Map<number, number>>();
    for (let i = 0; i < count; i++) {
      const sent = kind[i] === Kind.send;
      const [own, other] = [node[i] as number, peer[i] as number];
      if (!(sent || kind[i] === Kind.deliver) || !servers.has(own) || !servers.has(other)) continue;
      const name = word[i] as number;
      if (!types.has(name))
        types.set(
          name,
          TYPES.find((type) => type === run.words.name(name)),
        );
      const type = types.get(name);
      // Of an answer it counts that it arrived, of everything else that it was sent.
      if (type === undefined || sent === type.endsWith('-response')) continue;
      const message = fieldOf(run.payload(i), 'message');
      const number = (field: string): number => Number(fieldOf(message, field) ?? 0);
      const key = `${own} ${other}`;
      if (type === 'heartbeat') {
        const sentAt = rounds.get(own) ?? new Map<number, number>();
        rounds.set(own, sentAt.set(number('round'), at[i] as number));
      } else if (type === 'heartbeat-response') {
        const round = rounds.get(own)?.get(number('round'));
        const term = number('term');
        const last = this.contacts.get(key)?.at(-1);
        // Answers may overtake each other.
        const sentAt = Math.max(round ?? Number.NEGATIVE_INFINITY, last?.term === term ? last.sent : Number.NEGATIVE_INFINITY);
        if (round !== undefined) add(this.contacts, key, { position: i + 1, term, sent: sentAt });
      } else {
        const last = this.steps.get(key)?.at(-1);
        const term = number('term');
        const known = last?.term === term ? last : { match: 0, next: 0, probing: true };
        const step = stepOf(known, type, message, number);
        add(this.steps, key, { ...step, position: i + 1, term });
      }
    }
  }

  /** Undefined where the leader has not sent anything in this term, or not since the window began. */
  of(leader: number, follower: number, term: number, position: number): Progress | undefined {
    const step = latest(this.steps.get(`${leader} ${follower}`), position);
    return step?.term === term ? step : undefined;
  }

  /**
   * When the latest heartbeats were sent that a majority has answered, the leader among them; undefined when there are none.
   *
   * @param voters of the leader's configuration, without the leader
   * @param votes whether the leader itself is a voter
   */
  heardSince(leader: number, voters: readonly number[], votes: boolean, term: number, position: number): number | undefined {
    const heard = voters
      .map((voter) => latest(this.contacts.get(`${leader} ${voter}`), position))
      .map((contact) => (contact?.term === term ? contact.sent : Number.NEGATIVE_INFINITY));
    if (votes) heard.push(Number.POSITIVE_INFINITY);
    const majority = heard.toSorted((a, b) => b - a)[Math.floor(heard.length / 2)];
    return majority === undefined || !Number.isFinite(majority) ? undefined : majority;
  }
}

function stepOf(
  { match, next, probing }: Omit<Step, 'position' | 'term'>,
  type: 'append' | 'append-response' | 'snapshot',
  message: unknown,
  number: (field: string) => number,
): Omit<Step, 'position' | 'term'> {
  if (type === 'snapshot') return { match, next: number('lastIndex') + 1, probing: true };
  if (type === 'append') {
    const entries = fieldOf(message, 'entries');
    return { match, next: number('prevIndex') + 1 + (probing || !Array.isArray(entries) ? 0 : entries.length), probing };
  }
  const index = number('index');
  if (fieldOf(message, 'ok') !== true)
    return index > match ? { match, next: match + 1, probing: true } : { match, next, probing };
  const reached = Math.max(match, index);
  return { match: reached, next: probing ? reached + 1 : Math.max(next, index + 1), probing: false };
}

function add<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

function latest<T extends { readonly position: number }>(list: readonly T[] | undefined, position: number): T | undefined {
  if (list === undefined) return undefined;
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as T).position <= position) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}

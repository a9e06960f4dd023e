import type { KvNotice } from '../../core/kv/interface.ts';
import type { NameId, Names } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import { Kind, kindsOf, type Sink } from '../engine/journal.ts';
import type { Call } from './store.ts';

/** Words of the notices that make a history. */
export const HISTORY_NOTICES = ['kv-invoked', 'kv-returned', 'kv-unknown', 'kv-failed'] as const satisfies KvNotice['type'][];

type Told = Extract<KvNotice, { readonly call: number }>;

/**
 * Writes down what the clients of stores ask for and are answered. The order of the journal is that of the history, so that a call that
 * returns before another one begins is known to, also at one instant. A client that dies leaves its last call open.
 */
export class StoreHistory implements Sink {
  readonly kinds = kindsOf(Kind.notice);
  private readonly all: (Call | undefined)[] = [];
  /** How many of them were answered. */
  answered = 0;

  private readonly words: ReadonlySet<NameId>;
  /** Places of open calls, by node and number. */
  private readonly open = new Map<string, number>();

  constructor(names: Names) {
    this.words = new Set(HISTORY_NOTICES.map((word) => names.id(word)));
  }

  /** In the order in which they were invoked; those that failed for good are none. */
  get calls(): Call[] {
    return this.all.filter((call) => call !== undefined);
  }

  record(
    id: number,
    at: Instant,
    kind: number,
    node: number,
    _peer: number,
    _cause: number,
    word: NameId,
    _size: number,
    payload: unknown,
  ): void {
    if (kind !== Kind.notice || !this.words.has(word)) return;
    const told = payload as Told;
    const key = `${node}/${told.call}`;
    if (told.type === 'kv-invoked') {
      this.open.set(key, this.all.length);
      this.all.push({ client: told.client, request: told.operation, invoked: id, invokedAt: at });
      return;
    }
    const place = this.open.get(key);
    if (place === undefined) return;
    this.open.delete(key);
    if (told.type === 'kv-unknown') return;
    if (told.type === 'kv-failed') {
      this.all[place] = undefined;
      return;
    }
    this.answered++;
    this.all[place] = {
      ...(this.all[place] as Call),
      done: { outcome: told.outcome, returned: id, returnedAt: at },
    };
  }

  cell(): void {}
}

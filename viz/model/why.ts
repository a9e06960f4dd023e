import type { Book } from './book.ts';
import type { Run } from './run.ts';

/** Records of a chain that say the same of the same node, such as a timer that set itself again and again. */
export interface Link {
  /** The place of the nearest of them, which may lie outside of the window. */
  readonly record: number;
  readonly times: number;
}

/** What a record follows from and what follows from it. */
export interface Causes {
  /** Its causes, the nearest first. */
  readonly chain: readonly Link[];
  /** Whether the chain goes on beyond those. */
  readonly more: boolean;
  /** Places of records that follow from it directly, among the next ones. */
  readonly effects: readonly number[];
  /** Whether more may be found outside of the window: see `causesBeyond`. */
  readonly open: boolean;
}

const MOST_LINKS = 12;
/** How far back is looked, however alike the records are. */
const MOST_CAUSES = 10_000;
const MOST_EFFECTS = 8;
/** How far effects are looked for: a cause may be any number of records back, and no index leads forwards. */
const EFFECT_RANGE = 50_000;

/** As far as the window tells. */
export function causesOf(run: Run, record: number): Causes {
  const chain = new Chain(run, record);
  const effects = new Effects(run, record);
  const whole = run.records.count === run.total;
  const look = lookAt(run);
  // Both: what is found of the effects does not depend on how far the chain goes.
  const [back, on] = [chain.follow(look), effects.look(look)];
  const open = !(back && on) && !whole;
  return causes(run, chain, effects, open);
}

/** All of it, in as many chunks as it takes; the places are those of the given window. */
export async function causesBeyond(book: Book, run: Run, record: number, signal?: AbortSignal): Promise<Causes> {
  const chain = new Chain(run, record);
  const effects = new Effects(run, record);
  const reading = async (number: number): Promise<Look> => {
    const read = await book.look(number);
    signal?.throwIfAborted();
    return read;
  };
  for (let here = lookAt(run); !chain.follow(here); ) here = await reading(chain.next);
  for (let here = lookAt(run); !effects.look(here) && effects.next <= run.total; ) here = await reading(effects.next);
  return causes(run, chain, effects, false);
}

const causes = ({ records }: Run, { links, more }: Chain, { numbers }: Effects, open: boolean): Causes => ({
  chain: links.map(({ number, times }) => ({ record: number - records.first, times })),
  more,
  effects: numbers.map((number) => number - records.first),
  open,
});

/** What is asked of records, by place: a window answers it, and so does a chunk, without becoming a window. */
export interface Look {
  readonly first: number;
  readonly count: number;
  /** Records of the whole run. */
  readonly total: number;
  cause(i: number): number;
  /** Equal for records that say the same of the same node. */
  likeness(i: number): string;
}

const lookAt = ({ records: { first, count, cause, kind, node, word }, total }: Run): Look => ({
  first,
  count,
  total,
  cause: (i) => cause[i] as number,
  likeness: (i) => `${kind[i]} ${node[i]} ${word[i]}`,
});

/** The way back from a record, as far as it was followed. */
class Chain {
  readonly links: { number: number; times: number }[] = [];
  more = false;
  /** The cause to look at next. */
  next: number;
  private last: number;
  private left = MOST_CAUSES;
  /** Kind, node and word of the last link. */
  private alike = '';

  constructor({ records }: Run, record: number) {
    this.last = records.first + record;
    this.next = records.cause[record] as number;
  }

  /** @returns whether the chain has ended; otherwise `next` is not in this run, which is a window or a chunk of the one */
  follow(look: Look): boolean {
    const { first, count, total } = look;
    for (; this.left > 0; this.left--) {
      const i = this.next - first;
      // A cause always lies before its effect; in a damaged file it need not.
      if (this.next <= 0 || this.next >= this.last) return true;
      if (i < 0 || i >= count) return this.next > total;
      const alike = look.likeness(i);
      const link = this.links.at(-1);
      if (link !== undefined && alike === this.alike) {
        link.times++;
      } else if (this.links.length === MOST_LINKS) {
        this.more = true;
        return true;
      } else {
        this.links.push({ number: this.next, times: 1 });
        this.alike = alike;
      }
      this.last = this.next;
      this.next = look.cause(i);
    }
    this.more = true;
    return true;
  }
}

/** What follows from a record, as far as it was looked for. */
class Effects {
  readonly numbers: number[] = [];
  /** The record to look at next. */
  next: number;
  private readonly number: number;

  constructor({ records }: Run, record: number) {
    this.number = records.first + record;
    this.next = this.number + 1;
  }

  /** @returns whether enough was seen; otherwise `next` is not in this run */
  look({ first, count, cause }: Look): boolean {
    for (; this.numbers.length < MOST_EFFECTS && this.next < this.number + EFFECT_RANGE; this.next++) {
      const i = this.next - first;
      if (i < 0 || i >= count) return false;
      if (cause(i) === this.number) this.numbers.push(this.next);
    }
    return true;
  }
}

import { type Operation, returnOf } from './model.ts';

/**
 * Which operations of a history may come next in an order, and which are in it.
 *
 * Operations that returned have the numbers from 0 on, in the order of their returns; those of unknown outcome follow, in the order
 * in which they were invoked.
 */
export class Candidates<I, O> {
  /** The lowest number of an operation that returned and is not in the order: no other may come that was invoked after its return. */
  first = 0;

  private readonly history: readonly Operation<I, O>[];
  /** Places in the history, by number. */
  private readonly places: readonly number[];
  /** How many have returned. */
  private readonly returned: number;
  /** How many of them, the first to return, have to be in the order. */
  private readonly required: number;
  /** For each that returned, the ones with higher numbers that were invoked before it did: `underWay[from[n] .. from[n + 1] - 1]`. */
  private readonly from: Int32Array;
  private readonly underWay: Int32Array;
  /** For each that returned, how many of unknown outcome were invoked before it did. */
  private readonly pending: Int32Array;
  /** For each of unknown outcome, the number of the last one before it that asks for the same; -1 when there is none. */
  private readonly twin: Int32Array;
  private readonly taken: Uint8Array;

  /**
   * @param label equal for inputs that do the same
   * @param until an order is complete that holds all that returned before this
   */
  constructor(history: readonly Operation<I, O>[], label: (input: I) => string, until = Number.POSITIVE_INFINITY) {
    this.history = history;
    const at = (place: number) => history[place] as Operation<I, O>;
    const all = history.map((_, place) => place);
    const known = all.filter((place) => at(place).done !== undefined).sort((a, b) => returnOf(at(a)) - returnOf(at(b)) || a - b);
    const unknown = all.filter((place) => at(place).done === undefined).sort((a, b) => at(a).invoked - at(b).invoked || a - b);
    this.places = [...known, ...unknown];
    this.returned = known.length;
    this.taken = new Uint8Array(history.length);

    const returns = Float64Array.from(known, (place) => returnOf(at(place)));
    this.required = lowest(returns, until);
    // An operation is under way when another one returns from the first return that is no earlier than its invocation on.
    const since = known.map((place) => lowest(returns, at(place).invoked));
    this.from = new Int32Array(known.length + 1);
    for (const [number, start] of since.entries()) for (let n = start; n < number; n++) (this.from[n + 1] as number)++;
    for (let n = 0; n < known.length; n++) (this.from[n + 1] as number) += this.from[n] as number;
    this.underWay = new Int32Array(this.from[known.length] as number);
    const filled = this.from.slice();
    for (const [number, start] of since.entries()) {
      for (let n = start; n < number; n++) this.underWay[(filled[n] as number)++] = number;
    }

    const invoked = unknown.map((place) => at(place).invoked);
    let count = 0;
    this.pending = Int32Array.from(returns, (end) => {
      while (count < invoked.length && (invoked[count] as number) <= end) count++;
      return count;
    });
    const last = new Map<string, number>();
    this.twin = Int32Array.from(unknown, (place, i) => {
      const asks = label(at(place).input);
      const before = last.get(asks) ?? -1;
      last.set(asks, this.returned + i);
      return before;
    });
  }

  /** Begins an order with these operations in it already, given by their places in the history. */
  begin(places: readonly number[]): void {
    this.taken.fill(0);
    this.first = 0;
    for (const place of places) this.take(this.places.indexOf(place));
  }

  /** Whether all that must be are in the order. */
  get complete(): boolean {
    return this.first >= this.required;
  }

  /** How many are to be looked at; those that may come are among them. */
  get count(): number {
    const { first } = this;
    if (this.complete) return 0;
    return 1 + (this.from[first + 1] as number) - (this.from[first] as number) + (this.pending[first] as number);
  }

  /** The number of the i-th of them, as they are while `first` is the given one: the sooner it returned the earlier. */
  at(i: number, first: number): number {
    if (i === 0) return first;
    const start = this.from[first] as number;
    const more = (this.from[first + 1] as number) - start;
    return i <= more ? (this.underWay[start + i - 1] as number) : this.returned + i - 1 - more;
  }

  /** Whether it is not in the order yet; of those of unknown outcome that do the same the one that was invoked first comes first. */
  mayCome(number: number): boolean {
    if (this.taken[number] === 1) return false;
    const twin = number < this.returned ? -1 : (this.twin[number - this.returned] as number);
    return twin < 0 || this.taken[twin] === 1;
  }

  take(number: number): void {
    this.taken[number] = 1;
    while (this.first < this.returned && this.taken[this.first] === 1) this.first++;
  }

  /** Takes it out again; `first` is what it was before. */
  restore(number: number, first: number): void {
    this.taken[number] = 0;
    this.first = first;
  }

  operation(number: number): Operation<I, O> {
    return this.history[this.place(number)] as Operation<I, O>;
  }

  /** The places in the history of all that are in the order and come after what had to be in it. */
  surplus(): number[] {
    const { required, taken, places } = this;
    return places.filter((_, number) => number >= required && taken[number] === 1);
  }

  place(number: number): number {
    return this.places[number] as number;
  }

  /** Names the set of those in the order: equal sets, equal texts. */
  key(): string {
    const { first, returned, taken } = this;
    let key = String(first);
    if (first < returned) {
      for (let i = this.from[first] as number; i < (this.from[first + 1] as number); i++) {
        const number = this.underWay[i] as number;
        if (taken[number] === 1) key += `,${number}`;
      }
    }
    for (let number = returned; number < taken.length; number++) if (taken[number] === 1) key += `,${number}`;
    return key;
  }
}

/** The first place in an ascending list whose value is no less. */
function lowest(list: Float64Array, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

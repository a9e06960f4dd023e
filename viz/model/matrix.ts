import type { Members } from './members.ts';
import type { Condition, Nodes } from './nodes.ts';
import type { Run } from './run.ts';

/** What may be believed of a member; the numbers are those in a matrix. Whatever else a protocol calls a member is `other`. */
export const BELIEFS = ['unknown', 'alive', 'suspect', 'leaving', 'left', 'failed', 'other'] as const;
export type BeliefName = (typeof BELIEFS)[number];
export const code = (belief: BeliefName): number => BELIEFS.indexOf(belief);

const UNKNOWN = code('unknown');
const ALIVE = code('alive');
const SUSPECT = code('suspect');
const LEAVING = code('leaving');
const LEFT = code('left');
const FAILED = code('failed');
const OTHER = code('other');

/** The number of whatever a protocol calls a member. */
export const codeOf = (value: number | string | undefined): number => {
  if (value === undefined || value === '') return UNKNOWN;
  if (value === 'dead') return FAILED;
  const found = BELIEFS.indexOf(value as BeliefName);
  return found < 0 ? OTHER : found;
};

/** Whether a member is there: it runs, stands still, or is not to be reached. `stranger`: nobody knows, as it is no node of this run. */
export type Truth = 'up' | 'paused' | 'down' | 'stranger';

/** Two layers of cells: what a protocol makes of a member, and below it what its failure detector does. */
const STATUS_LAYER = 0;
const STATE_LAYER = 1;

/**
 * Who believes what of whom at one moment, for any number of members: it moves from moment to moment by applying, or undoing, what changed between
 * them, so that a step costs what it changes.
 */
export class BeliefMatrix {
  readonly rows: number;
  readonly columns: number;
  /** By observer, then subject: numbers of `BELIEFS`. */
  readonly beliefs: Uint8Array;
  private readonly members: Members;
  private readonly layers: readonly [Uint8Array, Uint8Array];
  /** The changes of the window, in order: after how many records, in which place of which layer, from what to what. */
  private readonly positions: Int32Array;
  private readonly slots: Int32Array;
  private readonly before: Uint8Array;
  private readonly after: Uint8Array;
  /** Whether it changed what is believed: the layer below may change beneath a verdict. */
  private readonly seen: Uint8Array;
  /** How many of them have been applied. */
  private applied = 0;

  constructor(run: Run, members: Members) {
    const { observers, subjects, status, state } = members.beliefs;
    this.members = members;
    this.rows = observers.length;
    this.columns = subjects.length;
    const size = this.rows * this.columns;
    this.layers = [new Uint8Array(size), new Uint8Array(size)];
    this.beliefs = new Uint8Array(size);
    const slotOf = new Int32Array(run.table.count).fill(-1);
    for (const [layer, cells] of [
      [STATUS_LAYER, status],
      [STATE_LAYER, state],
    ] as const) {
      for (let place = 0; place < size; place++) {
        const cell = cells[place] as number;
        if (cell < 0) continue;
        slotOf[cell] = 2 * place + layer;
        this.layers[layer][place] = codeOf(run.before(cell));
      }
    }
    const changes = run.cells.filter(({ cell }) => (slotOf[cell] ?? -1) >= 0);
    this.positions = Int32Array.from(changes, ({ position }) => position);
    this.slots = Int32Array.from(changes, ({ cell }) => slotOf[cell] as number);
    this.after = Uint8Array.from(changes, ({ value }) => codeOf(value));
    this.before = new Uint8Array(changes.length);
    this.seen = new Uint8Array(changes.length);
    const last = this.layers.map((layer) => layer.slice()) as [Uint8Array, Uint8Array];
    changes.forEach((_, i) => {
      const slot = this.slots[i] as number;
      const layer = last[slot & 1] as Uint8Array;
      const held = this.belief(last, slot >> 1);
      this.before[i] = layer[slot >> 1] as number;
      layer[slot >> 1] = this.after[i] as number;
      this.seen[i] = held === this.belief(last, slot >> 1) ? 0 : 1;
    });
    for (let place = 0; place < size; place++) this.settle(place);
  }

  /** Moves to where so many records of the window have happened. */
  seek(position: number): void {
    while (this.applied < this.positions.length && (this.positions[this.applied] as number) <= position) {
      this.put(this.slots[this.applied] as number, this.after[this.applied] as number);
      this.applied++;
    }
    while (this.applied > 0 && (this.positions[this.applied - 1] as number) > position) {
      this.applied--;
      this.put(this.slots[this.applied] as number, this.before[this.applied] as number);
    }
  }

  /** After how many records a belief became what it is; undefined when that was before the window. */
  since(row: number, column: number): number | undefined {
    const place = row * this.columns + column;
    for (let i = this.applied - 1; i >= 0; i--) {
      if (this.seen[i] === 1 && (this.slots[i] as number) >> 1 === place) return this.positions[i];
    }
    return undefined;
  }

  private put(slot: number, belief: number): void {
    (this.layers[slot & 1] as Uint8Array)[slot >> 1] = belief;
    this.settle(slot >> 1);
  }

  private settle(place: number): void {
    this.beliefs[place] = this.belief(this.layers, place);
  }

  /** The upper layer does not know suspicion, so that is taken from the lower. */
  private belief(layers: readonly [Uint8Array, Uint8Array], place: number): number {
    const [status, state] = [layers[STATUS_LAYER][place] as number, layers[STATE_LAYER][place] as number];
    return !this.members.beliefs.upper ? state : status === ALIVE && state === SUSPECT ? SUSPECT : status;
  }
}

/** What is true of each subject of a matrix at a moment, and of each observer whether it holds any beliefs: one that is down does not. */
export function truthsOf(
  run: Run,
  members: Members,
  nodes: Nodes,
  position: number,
): { subjects: Truth[]; observers: boolean[] } {
  const numbers = new Map(run.topology.nodes.map(({ name }, node) => [name, node]));
  return {
    subjects: members.subjects.map((name) => {
      const node = numbers.get(name);
      return node === undefined ? 'stranger' : TRUTHS[nodes.at(position, node).condition];
    }),
    observers: members.observers.map((node) => TRUTHS[nodes.at(position, node).condition] !== 'down'),
  };
}

const TRUTHS: Readonly<Record<Condition, Truth>> = { running: 'up', paused: 'paused', idle: 'down', down: 'down' };

/**
 * Whether a belief disagrees with the truth: one that runs is suspected or written off, or one that is gone is still taken for alive. Not to know of a
 * member is no mistake, nor is to doubt one that stands still.
 */
export function isWrong(belief: number, truth: Truth): boolean {
  if (truth === 'up') return belief === SUSPECT || belief === FAILED || belief === LEFT;
  return truth === 'down' && (belief === ALIVE || belief === LEAVING);
}

/** What a matrix comes to. */
export interface Tally {
  /** How many beliefs of each observer, and of each subject, disagree with the truth. */
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
  /** How many there are of each belief, by its number. */
  readonly counts: Uint32Array;
}

export function tallyOf({ beliefs, rows, columns }: BeliefMatrix, truths: ReturnType<typeof truthsOf>): Tally {
  const tally: Tally = {
    rows: new Uint32Array(rows),
    columns: new Uint32Array(columns),
    counts: new Uint32Array(BELIEFS.length),
  };
  /** For each truth and belief, whether they disagree: asked a million times. */
  const wrong = new Map(
    TRUTH_NAMES.map((truth) => [truth, Uint8Array.from(BELIEFS, (_, belief) => (isWrong(belief, truth) ? 1 : 0))]),
  );
  const byColumn = truths.subjects.map((truth) => wrong.get(truth) as Uint8Array);
  for (let row = 0; row < rows; row++) {
    const heard = truths.observers[row] === true;
    let sum = 0;
    for (let column = 0; column < columns; column++) {
      const belief = beliefs[row * columns + column] as number;
      tally.counts[belief] = (tally.counts[belief] as number) + 1;
      if (!heard || (byColumn[column] as Uint8Array)[belief] === 0) continue;
      sum++;
      tally.columns[column] = (tally.columns[column] as number) + 1;
    }
    tally.rows[row] = sum;
  }
  return tally;
}

const TRUTH_NAMES: readonly Truth[] = ['up', 'paused', 'down', 'stranger'];

/** Places in the order of their counts, the highest first, equal ones as they were. */
export const byCount = (counts: Uint32Array): number[] =>
  [...counts.keys()].toSorted((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);

import { CellHistory } from './cells.ts';
import type { CellTable, Run } from './run.ts';

/** What one node says of one member; undefined where it knows nothing of it. */
export type Belief = string | undefined;

/** Who believes what of whom at one moment. */
export interface Matrix {
  /** Nodes that hold beliefs, by number. */
  readonly observers: readonly number[];
  readonly subjects: readonly string[];
  /** By observer, then by subject. */
  readonly beliefs: readonly (readonly Belief[])[];
}

/** Which cells hold the beliefs: found once for a table, which all windows of a run share. */
export interface Beliefs {
  /** Cells of the table when it was looked through. */
  readonly count: number;
  readonly observers: readonly number[];
  readonly subjects: readonly string[];
  /** For each observer, then each subject, the numbers of the two cells; −1 for none. */
  readonly status: Int32Array;
  readonly state: Int32Array;
  readonly upper: boolean;
}

const NO_CELL = -1;
const found = new WeakMap<CellTable, Beliefs>();

/**
 * The cells that hold a belief, by the last part of their names: what a protocol makes of a member, and below it what its failure detector
 * does. The upper one does not know suspicion, so that is taken from the lower.
 */
const STATUS = 'status';
const STATE = 'state';
const SUSPECT = 'suspect';
const ALIVE = 'alive';

/** The beliefs of a run, from its cells. */
export class Members {
  private readonly run: Run;
  /** Which cells hold the beliefs. */
  readonly beliefs: Beliefs;
  /** Made when it is first asked for. */
  private cells: CellHistory | undefined;

  constructor(run: Run) {
    this.run = run;
    let beliefs = found.get(run.table);
    if (beliefs === undefined || beliefs.count !== run.table.count) {
      beliefs = beliefsOf(run);
      found.set(run.table, beliefs);
    }
    this.beliefs = beliefs;
  }

  get observers(): readonly number[] {
    return this.beliefs.observers;
  }

  get subjects(): readonly string[] {
    return this.beliefs.subjects;
  }

  at(position: number): Matrix {
    const { observers, subjects } = this.beliefs;
    const beliefs = observers.map((_, row) => subjects.map((_, column) => this.belief(position, row * subjects.length + column)));
    return { observers, subjects, beliefs };
  }

  /** What one node believes, by subject; undefined when it keeps no list of members. */
  of(node: number, position: number): readonly Belief[] | undefined {
    const row = this.beliefs.observers.indexOf(node);
    const { subjects } = this.beliefs;
    return row < 0 ? undefined : subjects.map((_, column) => this.belief(position, row * subjects.length + column));
  }

  private belief(position: number, place: number): Belief {
    const state = this.value(position, this.beliefs.state[place] as number);
    if (!this.beliefs.upper) return state;
    const status = this.value(position, this.beliefs.status[place] as number);
    return status === ALIVE && state === SUSPECT ? SUSPECT : status;
  }

  /** An empty text stands for a member that was forgotten. */
  private value(position: number, cell: number): Belief {
    if (cell === NO_CELL) return undefined;
    this.cells ??= new CellHistory(this.run);
    const value = this.cells.value(cell, position);
    return value === undefined || value === '' ? undefined : String(value);
  }
}

function beliefsOf(run: Run): Beliefs {
  const { table } = run;
  const cells: { readonly cell: number; readonly last: string }[] = [];
  for (let cell = 0; cell < table.count; cell++) {
    const last = lastPart(table.field(cell));
    if (last === STATUS || last === STATE) cells.push({ cell, last });
  }
  const observers = [...new Set(cells.map(({ cell }) => table.node(cell)))].toSorted((a, b) => a - b);
  const subjects = inOrderOf(run, new Set(cells.map(({ cell }) => table.subject(cell))));
  const rows = new Map(observers.map((observer, row) => [observer, row]));
  const columns = new Map(subjects.map((subject, column) => [subject, column]));
  const status = new Int32Array(observers.length * subjects.length).fill(NO_CELL);
  const state = status.slice();
  for (const { cell, last } of cells) {
    const row = rows.get(table.node(cell)) as number;
    const column = columns.get(table.subject(cell)) as number;
    (last === STATUS ? status : state)[row * subjects.length + column] = cell;
  }
  return { count: table.count, observers, subjects, status, state, upper: cells.some(({ last }) => last === STATUS) };
}

const lastPart = (field: string): string => field.slice(field.lastIndexOf('.') + 1);

/** Members that are nodes in the order of the nodes, then the others in the order in which they turned up. */
function inOrderOf(run: Run, subjects: ReadonlySet<string>): string[] {
  const names = run.topology.nodes.map(({ name }) => name);
  const known = new Set(names);
  return [...names.filter((name) => subjects.has(name)), ...[...subjects].filter((name) => !known.has(name))];
}

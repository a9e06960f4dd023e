import { lastUpTo, type Run } from './run.ts';

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

interface Series {
  readonly positions: number[];
  readonly values: string[];
}

/**
 * The cells that hold a belief, by the last part of their names: what a protocol makes of a member, and below it what its failure detector
 * does. The upper one does not know suspicion, so that is taken from the lower.
 */
const STATUS = 'status';
const STATE = 'state';
const SUSPECT = 'suspect';
const ALIVE = 'alive';

/** The beliefs of a whole run, from its cells. */
export class Members {
  readonly observers: readonly number[];
  readonly subjects: readonly string[];
  /** By observer, subject and cell. */
  private readonly series = new Map<string, Series>();
  private readonly upper: boolean;

  constructor(run: Run) {
    const observers = new Set<number>();
    const subjects = new Set<string>();
    this.upper = run.cells.some(({ field }) => lastPart(field) === STATUS);
    for (const { field, node, subject, position, value } of run.cells) {
      const cell = lastPart(field);
      if (cell !== STATUS && cell !== STATE) continue;
      observers.add(node);
      subjects.add(subject);
      const key = keyOf(node, subject, cell);
      let series = this.series.get(key);
      if (series === undefined) {
        series = { positions: [], values: [] };
        this.series.set(key, series);
      }
      series.positions.push(position);
      series.values.push(String(value));
    }
    this.observers = [...observers].toSorted((a, b) => a - b);
    this.subjects = inOrderOf(run, subjects);
  }

  at(position: number): Matrix {
    const beliefs = this.observers.map((observer) => this.subjects.map((subject) => this.belief(position, observer, subject)));
    return { observers: this.observers, subjects: this.subjects, beliefs };
  }

  private belief(position: number, observer: number, subject: string): Belief {
    const state = this.value(position, observer, subject, STATE);
    if (!this.upper) return state;
    const status = this.value(position, observer, subject, STATUS);
    return status === ALIVE && state === SUSPECT ? SUSPECT : status;
  }

  /** An empty text stands for a member that was forgotten. */
  private value(position: number, observer: number, subject: string, cell: string): Belief {
    const series = this.series.get(keyOf(observer, subject, cell));
    return series?.values[lastUpTo(series.positions, position)] || undefined;
  }
}

const lastPart = (field: string): string => field.slice(field.lastIndexOf('.') + 1);

const keyOf = (observer: number, subject: string, cell: string): string => `${observer} ${cell} ${subject}`;

/** Members that are nodes in the order of the nodes, then the others in the order in which they turned up. */
function inOrderOf(run: Run, subjects: ReadonlySet<string>): string[] {
  const names = run.topology.nodes.map(({ name }) => name);
  return [...names.filter((name) => subjects.has(name)), ...[...subjects].filter((name) => !names.includes(name))];
}

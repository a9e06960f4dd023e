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

/** The cell that protocols of membership write: subject is the member, value its status. */
const FIELD = 'status';

/** The beliefs of a whole run, from the cells named `status`. */
export class Members {
  readonly observers: readonly number[];
  readonly subjects: readonly string[];
  private readonly series = new Map<string, Series>();

  constructor(run: Run) {
    const observers = new Set<number>();
    const subjects = new Set<string>();
    for (const cell of run.cells) {
      if (cell.field !== FIELD) continue;
      observers.add(cell.node);
      subjects.add(cell.subject);
      const key = keyOf(cell.node, cell.subject);
      let series = this.series.get(key);
      if (series === undefined) {
        series = { positions: [], values: [] };
        this.series.set(key, series);
      }
      series.positions.push(cell.position);
      series.values.push(String(cell.value));
    }
    this.observers = [...observers].toSorted((a, b) => a - b);
    this.subjects = inOrderOf(run, subjects);
  }

  at(position: number): Matrix {
    const beliefs = this.observers.map((observer) => this.subjects.map((subject) => this.belief(position, observer, subject)));
    return { observers: this.observers, subjects: this.subjects, beliefs };
  }

  private belief(position: number, observer: number, subject: string): Belief {
    const series = this.series.get(keyOf(observer, subject));
    return series?.values[lastUpTo(series.positions, position)];
  }
}

const keyOf = (observer: number, subject: string): string => `${observer} ${subject}`;

/** Members that are nodes in the order of the nodes, then the others in the order in which they turned up. */
function inOrderOf(run: Run, subjects: ReadonlySet<string>): string[] {
  const names = run.topology.nodes.map(({ name }) => name);
  return [...names.filter((name) => subjects.has(name)), ...[...subjects].filter((name) => !names.includes(name))];
}

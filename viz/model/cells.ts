import { lastUpTo, type Run } from './run.ts';

/** The values of one cell in a window: from each position on the value beside it holds. */
export interface CellSeries {
  readonly positions: readonly number[];
  readonly values: readonly (number | string)[];
}

const NONE: CellSeries = { positions: [], values: [] };

/** What the cells of a run showed at any moment of the window that is open. */
export class CellHistory {
  private readonly run: Run;
  private readonly byCell = new Map<number, { positions: number[]; values: (number | string)[] }>();

  constructor(run: Run) {
    this.run = run;
    for (const { cell, position, value } of run.cells) {
      const series = this.byCell.get(cell);
      if (series === undefined) this.byCell.set(cell, { positions: [position], values: [value] });
      else {
        series.positions.push(position);
        series.values.push(value);
      }
    }
  }

  /** Changes in the window; what held before it is not among them. */
  series(cell: number): CellSeries {
    return this.byCell.get(cell) ?? NONE;
  }

  /** @returns undefined while nothing has been written */
  value(cell: number, position: number): number | string | undefined {
    const { positions, values } = this.series(cell);
    const last = lastUpTo(positions, position);
    return last < 0 ? this.run.before(cell) : values[last];
  }

  /** After how many records the cell got the value that it has; undefined when that was before the window, or never. */
  since(cell: number, position: number): number | undefined {
    const { positions } = this.series(cell);
    return positions[lastUpTo(positions, position)];
  }
}

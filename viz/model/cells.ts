import type { Run } from './run.ts';

/** The values of one cell in a window: from each position on the value beside it holds. */
export interface CellSeries {
  readonly positions: readonly number[];
  readonly values: readonly (number | string)[];
}

/** What the cells of a run showed at any moment of the window that is open. A thousand members have a million cells: what is kept is two numbers each. */
export class CellHistory {
  private readonly run: Run;
  /** The changes of each cell are together in `order`, from `starts` at its number up to that at the next. */
  private readonly starts: Int32Array;
  private readonly order: Int32Array;

  constructor(run: Run) {
    this.run = run;
    const { cells, table } = run;
    this.starts = new Int32Array(table.count + 1);
    for (const { cell } of cells) this.starts[cell + 1] = (this.starts[cell + 1] as number) + 1;
    for (let cell = 0; cell < table.count; cell++)
      this.starts[cell + 1] = (this.starts[cell + 1] as number) + (this.starts[cell] as number);
    const next = this.starts.slice();
    this.order = new Int32Array(cells.length);
    cells.forEach(({ cell }, change) => {
      this.order[next[cell] as number] = change;
      next[cell] = (next[cell] as number) + 1;
    });
  }

  /** Changes in the window; what held before it is not among them. */
  series(cell: number): CellSeries {
    const changes = this.order.subarray(this.starts[cell] ?? 0, this.starts[cell + 1] ?? 0);
    const positions: number[] = [];
    const values: (number | string)[] = [];
    for (const change of changes) {
      positions.push(this.run.cells[change]?.position as number);
      values.push(this.run.cells[change]?.value as number | string);
    }
    return { positions, values };
  }

  /** @returns undefined while nothing has been written */
  value(cell: number, position: number): number | string | undefined {
    const last = this.last(cell, position);
    return last === undefined ? this.run.before(cell) : this.run.cells[last]?.value;
  }

  /** After how many records the cell got the value that it has; undefined when that was before the window, or never. */
  since(cell: number, position: number): number | undefined {
    const last = this.last(cell, position);
    return last === undefined ? undefined : this.run.cells[last]?.position;
  }

  /** The last change of a cell up to a position. */
  private last(cell: number, position: number): number | undefined {
    const start = this.starts[cell] ?? 0;
    let [low, high] = [start, this.starts[cell + 1] ?? start];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.run.cells[this.order[middle] as number]?.position as number) <= position) low = middle + 1;
      else high = middle;
    }
    return low === start ? undefined : this.order[low - 1];
  }
}

import type { Measured } from './collect.ts';

/** All values of one measure for clusters of one size: milliseconds, or what its unit is; null where it never came to an end. */
export interface Row {
  readonly experiment: string;
  readonly size: number;
  readonly measure: string;
  readonly values: readonly (number | null)[];
}

/** What was measured of real agents, with where and when; as it is written to a file and read again. */
export interface Kept {
  readonly where: readonly string[];
  readonly rows: readonly Row[];
  /** What commands and the event handler printed, for each run. */
  readonly outputs: readonly (readonly (readonly [command: string, text: string])[])[];
}

/** World by world becomes measure by measure; what cannot have been measured that exactly is rounded off. */
export function gathered(measured: readonly Measured[]): Row[] {
  const rows = new Map<string, Row & { readonly values: (number | null)[] }>();
  for (const { experiment, size, values } of measured) {
    for (const [measure, value] of Object.entries(values)) {
      const key = `${experiment} ${size} ${measure}`;
      let row = rows.get(key);
      if (row === undefined) {
        row = { experiment, size, measure, values: [] };
        rows.set(key, row);
      }
      row.values.push(value === null ? null : Math.round(value * 1000) / 1000);
    }
  }
  return [...rows.values()];
}

/** The values of one measure in ascending order, as infinities where it never came to an end. */
export function sorted(rows: readonly Row[], experiment: string, size: number, measure: string): number[] {
  const row = rows.find((each) => each.experiment === experiment && each.size === size && each.measure === measure);
  return (row?.values ?? []).map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
}

/** As JSON, a row in a line. */
export function printKept({ where, rows, outputs }: Kept): string {
  const line = (value: object) => JSON.stringify(value);
  return `{\n"where": ${line(where)},\n"rows": [\n${rows.map(line).join(',\n')}\n],\n"outputs": ${line(outputs)}\n}\n`;
}

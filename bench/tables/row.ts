import { table } from '../table.ts';

/** A figure from elsewhere beside ours. */
export interface Row {
  readonly what: string;
  /** Where the figure comes from. */
  readonly source: string;
  readonly published: string;
  readonly here: string;
  /** How far ours is from it; or what it is to be compared with, where it is no number. */
  readonly deviation: string;
}

/** A behaviour table: how it is made, and its rows. */
export interface BehaviourTable {
  /** The file's name without its ending. */
  readonly name: string;
  readonly title: string;
  /** What was measured and how, in Markdown. */
  readonly says: string;
  /** Whether it takes so little that the tests make it too. */
  readonly cheap: boolean;
  rows(): readonly Row[];
}

/** A number with so many decimals, the trailing zeros gone. */
export const decimal = (value: number, digits = 3): string => String(Number(value.toFixed(digits)));

/** A row whose figure is ours to the digit, or is wrong. */
export function exact(what: string, source: string, published: number | string, here: number | string): Row {
  const isSame = String(published) === String(here);
  return { what, source, published: String(published), here: String(here), deviation: isSame ? 'none' : 'WRONG' };
}

/** A row of two numbers and what ours is more or less, in per cent. */
export function compared(what: string, source: string, published: number, here: number, digits = 3): Row {
  const percent =
    published === 0 ? '' : `${here >= published ? '+' : '−'}${decimal((Math.abs(here - published) / published) * 100, 0)} %`;
  return { what, source, published: decimal(published, digits), here: decimal(here, digits), deviation: percent };
}

/** A row whose figure is a bound that ours must keep. */
export function bounded(what: string, source: string, most: number, here: number, digits = 3): Row {
  const deviation = here <= most ? 'within' : 'BEYOND';
  return { what, source, published: `≤ ${decimal(most, digits)}`, here: decimal(here, digits), deviation };
}

/** The whole file. */
export function markdown({ title, says, rows }: BehaviourTable): string {
  const body = rows().map(({ what, source, published, here, deviation }) => [what, source, published, here, deviation]);
  return `# ${title}\n\n${says}\n\n${table(['what', 'source', 'there', 'here', 'deviation'], body)}\n`;
}

/** Mean of some numbers. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The value that a share of them does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

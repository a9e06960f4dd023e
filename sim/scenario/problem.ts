import { closest } from './closest.ts';

/** The way from the top of a scenario to one of its values. */
export type Path = readonly (string | number)[];

/** Where something is written: line and column from 1, columns in UTF-16 units as editors count them. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** How many columns it covers on that line; at least 1. */
  readonly length: number;
}

/** One mistake in a scenario: the place, the problem and, where there is one, the way out. */
export interface Problem extends Partial<Place> {
  /** Absent when the scenario came from no file. */
  readonly file?: string;
  /** `network.segments.left.loss`; empty when the mistake concerns the file as a whole. */
  readonly path: string;
  /** What is wrong, as a sentence: `Expected a probability from 0 to 1, got 25.` */
  readonly message: string;
  /** What to do about it, as a sentence: `Write 0.25 for 25 %.` */
  readonly hint?: string;
}

/** A scenario that cannot be run, with everything that is wrong with it. */
export class ScenarioError extends Error {
  override name = 'ScenarioError';
  readonly problems: readonly Problem[];
  /** The text that lines and columns refer to; absent when there is none or it could not be read. */
  readonly text: string | undefined;

  constructor(problems: readonly Problem[], text?: string) {
    super(problems.map((problem) => formatProblem(problem)).join('\n'));
    this.problems = problems;
    this.text = text;
  }
}

/** `timeline[2].run`, `hosts.a`, `files["/etc/motd"]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w.-]+$/.test(step) && !step.includes('.')) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** One line: `world.yaml:7:13: network.segments.left.loss: Expected … Write 0.25 for 25 %.` */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, message, hint } = problem;
  const place = line === undefined ? file : `${file ?? 'line'}${file === undefined ? ' ' : ':'}${line}:${column}`;
  return [place, path === '' ? undefined : path, hint === undefined ? message : `${message} ${hint}`]
    .filter((part) => part !== undefined)
    .join(': ');
}

const SHOWN = 50;
const FRAME_WIDTH = 100;

/**
 * The whole report: each problem with its place, its way out and the lines around it.
 *
 * @param colour whether to use ANSI colours
 */
export function formatReport(error: ScenarioError, colour = false): string {
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const lines = error.text?.split(/\r?\n/);
  const blocks = error.problems.slice(0, SHOWN).map((problem) => {
    const frame = lines === undefined || problem.line === undefined ? [] : codeFrame(lines, problem as Problem & Place, paint);
    return [paint(1, printable(formatProblem(problem))), ...frame].join('\n');
  });
  const more = error.problems.length - SHOWN;
  if (more > 0) blocks.push(`… and ${more} more.`);
  return blocks.join('\n\n');
}

/** The line of the problem between its neighbours, a long one cut around the column. */
function codeFrame(
  lines: readonly string[],
  { line, column, length }: Place,
  paint: (code: number, text: string) => string,
): string[] {
  const left = column + length <= FRAME_WIDTH ? 0 : Math.max(0, column - 1 - FRAME_WIDTH / 2);
  const width = String(line + 1).length;
  const frame: string[] = [];
  for (let number = Math.max(1, line - 1); number <= Math.min(lines.length, line + 1); number++) {
    const text = printable((lines[number - 1] as string).slice(left, left + FRAME_WIDTH));
    if (text === '' && number !== line) continue;
    const label = `${number === line ? '>' : ' '} ${String(number).padStart(width)} |`;
    frame.push(`${paint(2, label)}${text === '' ? '' : ` ${text}`}`);
    if (number !== line) continue;
    const mark = '^'.repeat(Math.max(1, Math.min(length, FRAME_WIDTH - (column - 1 - left))));
    frame.push(`${paint(2, `  ${' '.repeat(width)} |`)} ${' '.repeat(column - 1 - left)}${paint(31, mark)}`);
  }
  return frame;
}

/** A file may hold control characters that would steer the terminal; tabs become one column, as they count. */
function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

/** `Did you mean left?` or, for few candidates, all of them; undefined when there is nothing to offer. */
export function suggest(name: string, candidates: Iterable<string>, what: string): string | undefined {
  const all = [...candidates];
  const near = closest(name, all);
  if (near !== undefined) return `Did you mean ${near}?`;
  if (all.length === 0) return undefined;
  return all.length <= 12 ? `Known ${what}: ${all.join(', ')}.` : undefined;
}

import { Kind } from '../../sim/engine/journal.ts';
import { type Earlier, fieldOf, lastUpTo, type Run, textField } from './run.ts';

/** A line on a host's terminal: what somebody typed, or what a command printed. */
export interface TerminalLine {
  /** Place of the record, which may lie outside of the window. */
  readonly record: number;
  readonly at: number;
  readonly type: 'command' | 'output';
  readonly job: number;
  readonly text: string;
}

/** What stands on a terminal; `above` lines have scrolled out of it. */
export interface Screen {
  readonly lines: readonly TerminalLine[];
  readonly above: number;
}

/** A terminal keeps this many lines, as terminals do. */
const SCROLLBACK = 1000;

/** Where the lines of all nodes are. */
interface Lines {
  /** Numbers of the records, node by node. */
  readonly numbers: readonly (readonly number[])[];
  /** Those that are not read from the window. */
  readonly earlier: ReadonlyMap<number, Earlier>;
}

/** The lines of whole runs, which all their windows share. */
const shared = new WeakMap<readonly Earlier[], Lines>();

/** The terminals of all nodes. */
export class Terminals {
  private readonly run: Run;
  private readonly lines: Lines;

  constructor(run: Run) {
    this.run = run;
    const known = run.lasting && shared.get(run.lasting);
    this.lines = known ?? linesOf(run);
    if (run.lasting !== undefined) shared.set(run.lasting, this.lines);
  }

  at(position: number, node: number): Screen {
    const own = this.lines.numbers[node] ?? [];
    const end = lastUpTo(own, this.run.records.first - 1 + position) + 1;
    const above = Math.max(0, end - SCROLLBACK);
    return { above, lines: own.slice(above, end).map((number) => this.line(number)) };
  }

  /** How many lines a node's terminal has in the end, as far as it is known. */
  size(node: number): number {
    return this.lines.numbers[node]?.length ?? 0;
  }

  private line(number: number): TerminalLine {
    const { records } = this.run;
    const record = number - records.first;
    const earlier = this.lines.earlier.get(number);
    const payload = earlier === undefined ? this.run.payload(record) : earlier.payload;
    const job = fieldOf(payload, 'job');
    const command = (earlier?.kind ?? records.kind[record]) === Kind.command;
    return {
      record,
      at: earlier?.at ?? (records.at[record] as number),
      type: command ? 'command' : 'output',
      job: typeof job === 'number' ? job : 0,
      text: textField(payload, command ? 'line' : 'text'),
    };
  }
}

function linesOf({ records, topology, past, lasting }: Run): Lines {
  const numbers = topology.nodes.map((): number[] => []);
  const earlier = new Map<number, Earlier>();
  for (const each of lasting ?? past) {
    if (each.kind !== Kind.command && each.kind !== Kind.output) continue;
    earlier.set(each.number, each);
    numbers[each.node]?.push(each.number);
  }
  if (lasting !== undefined) return { numbers, earlier };
  for (let i = 0; i < records.count; i++) {
    const kind = records.kind[i];
    if (kind === Kind.command || kind === Kind.output) numbers[records.node[i] as number]?.push(records.first + i);
  }
  return { numbers, earlier };
}

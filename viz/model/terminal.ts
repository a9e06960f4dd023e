import { Kind } from '../../sim/engine/journal.ts';
import { type Earlier, fieldOf, lastUpTo, type Run, textField } from './run.ts';

/** A line on a host's terminal: what somebody typed, or what a command printed. */
export interface TerminalLine {
  /** Place of the record, which may lie before the window. */
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

/** The terminals of all nodes. */
export class Terminals {
  private readonly run: Run;
  private readonly places: readonly (readonly number[])[];
  /** By place. */
  private readonly earlier = new Map<number, Earlier>();

  constructor(run: Run) {
    this.run = run;
    const { records, topology, past } = run;
    const places = topology.nodes.map((): number[] => []);
    for (const each of past) {
      if (each.kind !== Kind.command && each.kind !== Kind.output) continue;
      this.earlier.set(each.number - records.first, each);
      places[each.node]?.push(each.number - records.first);
    }
    for (let i = 0; i < records.count; i++) {
      if (records.kind[i] === Kind.command || records.kind[i] === Kind.output) places[records.node[i] as number]?.push(i);
    }
    this.places = places;
  }

  at(position: number, node: number): Screen {
    const own = this.places[node] ?? [];
    const end = lastUpTo(own, position - 1) + 1;
    const above = Math.max(0, end - SCROLLBACK);
    return { above, lines: own.slice(above, end).map((record) => this.line(record)) };
  }

  /** How many lines a node's terminal has when the window ends. */
  size(node: number): number {
    return this.places[node]?.length ?? 0;
  }

  private line(record: number): TerminalLine {
    const { records } = this.run;
    const earlier = this.earlier.get(record);
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

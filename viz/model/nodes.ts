import { Kind } from '../../sim/engine/journal.ts';
import { type Earlier, fieldOf, lastUpTo, type Run, textField, wordOf } from './run.ts';

/** `idle`: up, without a process that was started. */
export type Condition = 'running' | 'idle' | 'paused' | 'down';

/** What a node is like at one moment. */
export interface NodeState {
  readonly condition: Condition;
  /** Command lines of what runs, in the order of their starts. */
  readonly processes: readonly string[];
}

/** The changes of one node: the number of the record, and what it is like from there on. */
interface Changes {
  readonly numbers: number[];
  readonly states: NodeState[];
}

interface Life {
  up: boolean;
  readonly running: Map<string, string>;
  readonly paused: Set<string>;
}

/** The changes in whole runs, which all their windows share. */
const shared = new WeakMap<readonly Earlier[], readonly Changes[]>();

/** The lives of all nodes: each is up when the run begins, unless its first record says that it boots later. */
export class Nodes {
  /** Number of the record before the window. */
  private readonly before: number;
  private readonly changes: readonly Changes[];

  constructor(run: Run) {
    this.before = run.records.first - 1;
    const known = run.lasting && shared.get(run.lasting);
    this.changes = known ?? changesOf(run);
    if (run.lasting !== undefined) shared.set(run.lasting, this.changes);
  }

  at(position: number, node: number): NodeState {
    const own = this.changes[node];
    return own?.states[lastUpTo(own.numbers, this.before + position)] ?? UNTOUCHED;
  }
}

const UNTOUCHED: NodeState = { condition: 'idle', processes: [] };

function changesOf(run: Run): Changes[] {
  const { records, topology, past, lasting } = run;
  const lives = topology.nodes.map((): Life => ({ up: true, running: new Map(), paused: new Set() }));
  const changes = topology.nodes.map((): Changes => ({ numbers: [], states: [] }));
  const add = (number: number, kind: number, node: number, word: number, payload: unknown): void => {
    const life = lives[node];
    if (life === undefined || kind > Kind.resume) return;
    applyTo(life, kind, wordOf(run, word), payload);
    changes[node]?.numbers.push(number);
    changes[node]?.states.push(stateOf(life));
  };
  for (const { number, kind, node, word, payload } of lasting ?? past) add(number, kind, node, word, payload);
  if (lasting !== undefined) return changes;
  for (let i = 0; i < records.count; i++) {
    const kind = records.kind[i] as number;
    if (kind > Kind.resume) continue;
    add(records.first + i, kind, records.node[i] as number, records.word[i] as number, run.payload(i));
  }
  return changes;
}

function applyTo(life: Life, kind: number, word: string, payload: unknown): void {
  const process = String(fieldOf(payload, 'process') ?? word);
  switch (kind) {
    case Kind.boot:
      life.up = true;
      break;
    case Kind.crash:
      life.up = false;
      life.running.clear();
      life.paused.clear();
      break;
    case Kind.start:
      life.running.set(process, textField(payload, 'command') || word);
      break;
    case Kind.stop:
      life.running.delete(process);
      life.paused.delete(process);
      break;
    case Kind.pause:
      life.paused.add(process);
      break;
    case Kind.resume:
      life.paused.delete(process);
      break;
  }
}

const stateOf = (life: Life): NodeState => ({
  condition: !life.up ? 'down' : life.paused.size > 0 ? 'paused' : life.running.size > 0 ? 'running' : 'idle',
  processes: [...life.running.values()],
});

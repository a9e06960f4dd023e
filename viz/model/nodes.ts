import { Kind } from '../../sim/engine/journal.ts';
import { fieldOf, lastUpTo, type Run, textField, wordOf } from './run.ts';

/** `idle`: up, without a process that was started. */
export type Condition = 'running' | 'idle' | 'paused' | 'down';

/** What a node is like at one moment. */
export interface NodeState {
  readonly condition: Condition;
  /** Command lines of what runs, in the order of their starts. */
  readonly processes: readonly string[];
}

interface Change {
  readonly place: number;
  readonly state: NodeState;
}

interface Life {
  up: boolean;
  readonly running: Map<string, string>;
  readonly paused: Set<string>;
}

/** The lives of all nodes: each is up when the run begins, unless its first record says that it boots later. */
export class Nodes {
  private readonly places: readonly (readonly number[])[];
  private readonly changes: readonly (readonly Change[])[];

  constructor(run: Run) {
    const { records, topology, past } = run;
    const lives = topology.nodes.map((): Life => ({ up: true, running: new Map(), paused: new Set() }));
    const changes = topology.nodes.map((): Change[] => []);
    const add = (place: number, kind: number, node: number, word: number, payload: unknown): void => {
      const life = lives[node];
      if (life === undefined) return;
      applyTo(life, kind, wordOf(run, word), payload);
      changes[node]?.push({ place, state: stateOf(life) });
    };
    for (const { number, kind, node, word, payload } of past) {
      if (kind <= Kind.resume) add(number - records.first, kind, node, word, payload);
    }
    for (let i = 0; i < records.count; i++) {
      const kind = records.kind[i] as number;
      if (kind <= Kind.resume) add(i, kind, records.node[i] as number, records.word[i] as number, run.payload(i));
    }
    this.changes = changes;
    this.places = changes.map((list) => list.map(({ place }) => place));
  }

  at(position: number, node: number): NodeState {
    const last = lastUpTo(this.places[node] ?? [], position - 1);
    return this.changes[node]?.[last]?.state ?? { condition: 'idle', processes: [] };
  }
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

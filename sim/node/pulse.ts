import type { ObservedPart } from '../host/observer.ts';

const TICKS = 0;
const NODE = 2;
const LENGTH = 3;
const NOW = 2;
const TEXT = 24;
const TEXT_BYTES = 200;

/** Memory that a thread shares with the one that looks after it: that it is alive, and on request what is at work. */
export class Pulse {
  readonly memory: SharedArrayBuffer;
  private readonly words: Int32Array;
  private readonly floats: Float64Array;
  private readonly text: Uint8Array;
  private readonly names = new WeakMap<ObservedPart, Uint8Array>();

  constructor(memory = new SharedArrayBuffer(TEXT + TEXT_BYTES)) {
    this.memory = memory;
    this.words = new Int32Array(memory, 0, 4);
    this.floats = new Float64Array(memory, 0, 3);
    this.text = new Uint8Array(memory, TEXT, TEXT_BYTES);
  }

  /** Rises while the thread gets on. */
  get ticks(): number {
    return Atomics.load(this.words, TICKS);
  }

  tick(): void {
    Atomics.add(this.words, TICKS, 1);
  }

  /** Nobody is at work. */
  clear(): void {
    Atomics.store(this.words, LENGTH, 0);
  }

  /** Shows that a protocol is given something. */
  show(part: ObservedPart, now: number): void {
    let name = this.names.get(part);
    if (name === undefined) {
      name = new TextEncoder().encode(part.name === part.program ? part.name : `${part.name} of ${part.program}`);
      this.names.set(part, name);
    }
    const length = Math.min(name.length, TEXT_BYTES);
    this.text.set(name.subarray(0, length));
    this.floats[NOW] = now;
    this.words[NODE] = part.node;
    Atomics.store(this.words, LENGTH, length);
    this.tick();
  }

  /** What was shown last. */
  get shown(): { readonly now: number; readonly node: number; readonly part: string } | undefined {
    const length = Atomics.load(this.words, LENGTH);
    if (length === 0) return undefined;
    const part = new TextDecoder().decode(this.text.slice(0, length));
    return { now: this.floats[NOW] as number, node: this.words[NODE] as number, part };
  }
}

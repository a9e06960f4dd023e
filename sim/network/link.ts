import { ZERO } from '../../core/time.ts';
import type { Distribution } from './distribution.ts';
import type { Layout } from './layout.ts';
import type { BurstSpec, InterfaceSpec, LinkSpec, SegmentSpec } from './topology.ts';

/** What crossing a segment from one interface to another is like: the segment's link, with what the two ends replace of it. */
export interface Link {
  /** Where nothing can happen but a delay. */
  readonly simple: boolean;
  /** Where every frame gets across. */
  readonly certain: boolean;
  /** What one sends never reaches the other: their ports are in different VLANs. */
  readonly mismatch: boolean;
  readonly delay: Distribution;
  /** Where the delay is constant or uniform the least, and how many more than that there are to choose from; else −1. */
  readonly least: number;
  readonly choices: number;
  readonly loss: number;
  readonly burst: BurstSpec | undefined;
  readonly duplicate: number;
  readonly reorder: { readonly probability: number; readonly by: Distribution } | undefined;
  readonly corrupt: number;
  /** Largest IP packet in a frame that gets across. */
  readonly mtu: number;
}

const FULL_FRAMES = 100;
const NO_DELAY: Distribution = { type: 'constant', value: ZERO };

/** All links of a network, made when they are first used. Most pairs of interfaces share one. */
export class Links {
  /** Bits per second of each interface's direction, 0 for no limit, and the bytes that may wait for them. */
  readonly rateOut: Float64Array;
  readonly rateIn: Float64Array;
  readonly queueOut: Float64Array;
  readonly queueIn: Float64Array;

  private readonly layout: Layout;
  /** Interfaces with the same number send, or receive, in the same way. */
  private readonly outward: Int32Array;
  private readonly inward: Int32Array;
  private readonly ways: number;
  private readonly links: (Link | undefined)[] = [];

  constructor(layout: Layout) {
    this.layout = layout;
    const count = layout.interfaces;
    this.rateOut = new Float64Array(count);
    this.rateIn = new Float64Array(count);
    this.queueOut = new Float64Array(count);
    this.queueIn = new Float64Array(count);
    this.outward = new Int32Array(count);
    this.inward = new Int32Array(count);
    const outs = new Map<string, number>();
    const ins = new Map<string, number>();
    for (let index = 0; index < count; index++) {
      const spec = layout.specs[index] as InterfaceSpec;
      this.outward[index] = intern(outs, JSON.stringify([layout.sends[index], spec.out]));
      this.inward[index] = intern(ins, JSON.stringify([layout.receives[index], layout.mtu[index], spec.in]));
      const base = (layout.topology.segments[spec.segment] as SegmentSpec).link;
      const out = { ...base, ...spec.out };
      const into = { ...base, ...spec.in };
      this.rateOut[index] = out.bandwidth ?? 0;
      this.rateIn[index] = into.bandwidth ?? 0;
      this.queueOut[index] = out.queue ?? FULL_FRAMES * out.mtu;
      this.queueIn[index] = into.queue ?? FULL_FRAMES * into.mtu;
    }
    this.ways = ins.size;
  }

  between(from: number, to: number): Link {
    const place = (this.outward[from] as number) * this.ways + (this.inward[to] as number);
    return this.links[place] ?? this.make(place, from, to);
  }

  /** Whether no link of a segment ever loses anything, whichever two of its interfaces it joins. */
  isCalm(segment: number): boolean {
    const members = this.layout.members[segment] as readonly number[];
    const senders = new Map(members.map((index) => [this.outward[index], index]));
    const receivers = new Map(members.map((index) => [this.inward[index], index]));
    return [...senders.values()].every((from) => [...receivers.values()].every((to) => this.between(from, to).certain));
  }

  private make(place: number, from: number, to: number): Link {
    while (this.links.length < place) this.links.push(undefined); // no holes: they would make every access slow
    const segment = this.layout.topology.segments[this.layout.sends[from] as number];
    const mismatch = segment === undefined || this.layout.sends[from] !== this.layout.receives[to];
    const sender = this.layout.specs[from] as InterfaceSpec;
    const receiver = this.layout.specs[to] as InterfaceSpec;
    const spec: LinkSpec = {
      ...(segment?.link ?? (this.layout.topology.segments[sender.segment] as SegmentSpec).link),
      ...sender.out,
      ...receiver.in,
    };
    const { delay, loss, burst, duplicate, reorder, corrupt } = spec;
    const certain = !mismatch && loss === 0 && burst === undefined && corrupt === 0;
    const link: Link = {
      simple: certain && duplicate === 0 && reorder === undefined,
      certain,
      mismatch,
      delay: mismatch ? NO_DELAY : delay,
      ...choicesOf(delay),
      loss,
      burst,
      duplicate,
      reorder,
      corrupt,
      mtu: Math.min(segment?.link.mtu ?? spec.mtu, spec.mtu, this.layout.mtu[to] as number),
    };
    this.links[place] = link;
    return link;
  }
}

function choicesOf(delay: Distribution): Pick<Link, 'least' | 'choices'> {
  if (delay.type === 'constant') return { least: delay.value, choices: 0 };
  if (delay.type === 'uniform') return { least: delay.min, choices: delay.max - delay.min + 1 };
  return { least: 0, choices: -1 };
}

function intern(known: Map<string, number>, text: string): number {
  const number = known.get(text) ?? known.size;
  known.set(text, number);
  return number;
}

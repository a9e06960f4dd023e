import { assert } from '../../core/assert.ts';
import { type Duration, type Instant, LAST_INSTANT, ZERO } from '../../core/time.ts';
import type { Draws } from '../draws.ts';
import type { DiskVerb } from '../host/adversary.ts';
import type { DiskFate, Tear } from '../host/disk.ts';
import { type DiskIntervention, type Intervention, isOnOperation, type OperationIntervention } from './intervention.ts';
import { type InterventionsState, keep, touch } from './interventions.ts';
import { file } from './places.ts';

/** What a draw is for; those for packets are below 1 100. */
const Purpose = { delay: 1_100, error: 1_101, lie: 1_102, tear: 1_103, late: 1_104 } as const;

type CpuDelay = Extract<Intervention, { kind: 'cpu-delay' }>;

const DISK_KINDS: ReadonlySet<string> = new Set(['disk-stall', 'disk-delay', 'disk-full', 'disk-error', 'disk-lie']);

const isOnDisk = (entry: Intervention): entry is DiskIntervention => DISK_KINDS.has(entry.kind);

/** Applies the entries about hosts that last or that wait for an operation of a disk, and records what they came to. */
export class HostFaults {
  private readonly list: readonly Intervention[];
  private readonly draws: Draws;
  private readonly nodes: readonly string[];
  private readonly recording: boolean;
  private readonly state: InterventionsState;
  /** By node, places in the list: those about its disk, in the order in which they begin; and those about its CPU. */
  private readonly onDisk = new Map<number, number[]>();
  private readonly onCpu = new Map<number, number[]>();
  /** Places in the list of the entries for one operation, by node and ordinal. */
  private readonly onOperation = new Map<number, number[]>();

  constructor(world: {
    readonly interventions: readonly Intervention[];
    readonly draws: Draws;
    readonly nodes: readonly string[];
    readonly recording: boolean;
    readonly state: InterventionsState;
  }) {
    this.list = world.interventions;
    this.draws = world.draws;
    this.nodes = world.nodes;
    this.recording = world.recording;
    this.state = world.state;
    for (const index of this.list.keys()) this.added(index);
  }

  /** Tells that an entry was put at the end of the list. */
  added(index: number): void {
    const entry = this.list[index] as Intervention;
    if (isOnOperation(entry)) file(this.onOperation, this.key(this.node(entry.operation.host), entry.operation.ordinal), index);
    else if (isOnDisk(entry)) {
      file(this.onDisk, this.node(entry.host), index);
      const begin = (place: number) => (this.list[place] as DiskIntervention).at;
      this.onDisk.get(this.node(entry.host))?.sort((a, b) => begin(a) - begin(b));
    } else if (entry.kind === 'cpu-delay') file(this.onCpu, this.node(entry.host), index);
  }

  /** Whether a recording has the effects of such an entry, and not the entry. */
  static records(entry: Intervention): boolean {
    return isOnDisk(entry) || (isOnOperation(entry) && entry.kind !== 'write-crash');
  }

  operation(
    node: number,
    boot: number,
    ordinal: number,
    verb: DiskVerb,
    path: string,
    begins: Instant,
    takes: Duration,
  ): DiskFate | undefined {
    const fine = this.onOperation.get(this.key(node, ordinal));
    const coarse = this.onDisk.get(node);
    if (fine === undefined && coarse === undefined) return undefined;
    if (this.recording) this.state.touched = [];
    const fate = { delay: ZERO as number, outcome: 'ok' as DiskFate['outcome'], lies: false };
    for (const index of fine ?? []) {
      const entry = this.list[index] as OperationIntervention;
      if (entry.operation.boot !== boot) continue;
      const does = `${verb} ${path}`;
      if (entry.operation.does !== does) {
        this.state.mismatched.set(index, `operation was ${does}`);
        continue;
      }
      if (entry.kind === 'write-delay') fate.delay += entry.by;
      else if (entry.kind === 'write-failure') fate.outcome = entry.outcome;
      else if (entry.kind === 'sync-lie') fate.lies = true;
      else continue; // it waits for what comes later
      this.applied(index);
    }
    // First those that make it take longer, so that a stall stops what is left of it.
    for (const index of coarse ?? []) this.change(index, fate, node, boot, ordinal, verb, begins);
    fate.delay += this.stalled(coarse ?? [], begins, takes + fate.delay);
    if (fate.delay === 0 && fate.outcome === 'ok' && !fate.lies) return undefined;
    this.record(fate, { host: this.nodes[node] as string, boot, ordinal, does: `${verb} ${path}` });
    return { ...fate, delay: fate.delay as Duration };
  }

  /** The entry that takes the power when this operation is about to come back, if there is one. */
  crashAt(node: number, boot: number, ordinal: number): number | undefined {
    return this.onOperation.get(this.key(node, ordinal))?.find((index) => {
      const entry = this.list[index] as OperationIntervention;
      return entry.kind === 'write-crash' && entry.operation.boot === boot && !this.state.mismatched.has(index);
    });
  }

  /**
   * What a crash leaves of the unsynced appends to a file.
   *
   * @param torn whether the crash itself says that a part of them is left
   */
  tear(node: number, boot: number, path: string, writers: readonly number[], torn: boolean): Tear | undefined {
    if (this.recording) this.state.touched = [];
    let kept = 0;
    if (torn) {
      const share = this.draws.fraction(node, boot, writers[0] as number, 0, 0, Purpose.tear);
      kept = 1 + Math.floor(share * writers.length);
    }
    for (const [place, ordinal] of writers.entries()) {
      for (const index of this.onOperation.get(this.key(node, ordinal)) ?? []) {
        const entry = this.list[index] as OperationIntervention;
        if (entry.kind !== 'torn-write' || entry.operation.boot !== boot || this.state.mismatched.has(index)) continue;
        kept = Math.max(kept, place + 1);
        this.applied(index);
      }
    }
    if (kept === 0) return undefined;
    if (this.recording) {
      const ordinal = writers[kept - 1] as number;
      const operation = { host: this.nodes[node] as string, boot, ordinal, does: `append ${path}` };
      keep(this.state, { kind: 'torn-write', operation });
    }
    return { kept, damaged: true };
  }

  lateness(now: Instant, node: number, pid: number, ordinal: number, network: boolean): Duration {
    let late = 0;
    for (const index of this.onCpu.get(node) ?? []) {
      const entry = this.list[index] as CpuDelay;
      if (!holds(entry, now) || (entry.only === 'network' && !network)) continue;
      late += between(entry, this.draws.fraction(node, pid, ordinal, 0, 0, Purpose.late));
      this.applied(index);
    }
    return late as Duration;
  }

  private change(
    index: number,
    fate: { delay: number; outcome: DiskFate['outcome']; lies: boolean },
    node: number,
    boot: number,
    ordinal: number,
    verb: DiskVerb,
    begins: Instant,
  ): void {
    const entry = this.list[index] as DiskIntervention;
    if (!holds(entry, begins)) return;
    const drawn = (purpose: number) => this.draws.fraction(node, boot, ordinal, 0, 0, purpose);
    switch (entry.kind) {
      case 'disk-stall':
        return;
      case 'disk-delay':
        fate.delay += between(entry, drawn(Purpose.delay));
        break;
      case 'disk-full':
        if (verb !== 'append' && verb !== 'replace') return;
        fate.outcome = 'full';
        break;
      case 'disk-error':
        if (drawn(Purpose.error) >= entry.rate) return;
        fate.outcome = 'error';
        break;
      case 'disk-lie':
        if (verb !== 'sync' || drawn(Purpose.lie) >= entry.rate) return;
        fate.lies = true;
        break;
    }
    this.applied(index);
  }

  /** How much later something is done because the disk stands still meanwhile. */
  private stalled(coarse: readonly number[], begins: Instant, takes: number): number {
    let at: number = begins;
    let rest = takes;
    for (const index of coarse) {
      const entry = this.list[index] as DiskIntervention;
      const until = entry.until ?? LAST_INSTANT;
      if (entry.kind !== 'disk-stall' || until <= at) continue;
      if (entry.at >= at + rest && entry.at > at) break;
      rest -= Math.max(0, entry.at - at);
      at = until;
      this.applied(index);
    }
    return at + rest - (begins + takes);
  }

  private record(
    { delay, outcome, lies }: { readonly delay: number; readonly outcome: DiskFate['outcome']; readonly lies: boolean },
    operation: OperationIntervention['operation'],
  ): void {
    if (!this.recording) return;
    if (delay > 0) keep(this.state, { kind: 'write-delay', operation, by: delay as Duration });
    if (outcome !== 'ok') keep(this.state, { kind: 'write-failure', operation, outcome });
    else if (lies) keep(this.state, { kind: 'sync-lie', operation });
  }

  private applied(index: number): void {
    touch(this.state, index, this.recording);
  }

  private key(node: number, ordinal: number): number {
    return ordinal * this.nodes.length + node;
  }

  private node(name: string): number {
    const index = this.nodes.indexOf(name);
    assert(index >= 0, () => `an intervention names ${name}, which is no node`);
    return index;
  }
}

const holds = ({ at, until }: { readonly at: Instant; readonly until?: Instant }, now: Instant): boolean =>
  now >= at && now < (until ?? LAST_INSTANT);

const between = ({ min, max }: { readonly min: Duration; readonly max: Duration }, fraction: number): number =>
  min + Math.floor(fraction * (max - min + 1));

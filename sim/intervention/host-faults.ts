import { type Duration, type Instant, LAST_INSTANT, ZERO } from '../../core/time.ts';
import type { Draws } from '../draws.ts';
import type { DiskVerb } from '../host/adversary.ts';
import type { DiskFate, Tear } from '../host/disk.ts';
import { between, type Entries, holds } from './entries.ts';
import { type DiskIntervention, type Intervention, isOnOperation, type OperationIntervention } from './intervention.ts';
import { file } from './places.ts';

/** What a draw is for; those for packets are below 1 100. */
const Purpose = { delay: 1_100, error: 1_101, lie: 1_102, tear: 1_103, late: 1_104 } as const;

type CpuDelay = Extract<Intervention, { kind: 'cpu-delay' }>;
type CrashAtWrite = Extract<Intervention, { kind: 'crash-at-write' }>;

const DISK_KINDS: ReadonlySet<string> = new Set(['disk-stall', 'disk-delay', 'disk-full', 'disk-error', 'disk-lie']);

const isOnDisk = (entry: Intervention): entry is DiskIntervention => DISK_KINDS.has(entry.kind);

/** A host that is to lose power when an operation of its disk is about to come back. */
interface Doom {
  readonly place: number;
  readonly boot: number;
  readonly does: string;
}

interface HostFaultsState {
  /** By place of a `crash-at-write`: how many operations it has let pass. */
  readonly passed: Map<number, number>;
  /** By node and ordinal of the operation. */
  readonly doomed: Map<number, Doom>;
}

/** What takes the power from a host at a write. */
export interface Crash {
  readonly place: number;
  /** The entry that does the same. */
  readonly entry: Extract<OperationIntervention, { readonly kind: 'write-crash' }>;
}

/** Applies the entries about hosts that last or that wait for an operation of a disk, and records what they came to. */
export class HostFaults {
  readonly state: HostFaultsState = { passed: new Map(), doomed: new Map() };

  private readonly entries: Entries;
  private readonly draws: Draws;
  private readonly nodes: readonly string[];
  /** By node, places of the entries: those about its disk, in the order in which they begin; and those about its CPU. */
  private readonly onDisk = new Map<number, number[]>();
  private readonly onCpu = new Map<number, number[]>();
  private readonly atWrite = new Map<number, number[]>();
  /** Places of the entries for one operation, by node and ordinal. */
  private readonly onOperation = new Map<number, number[]>();

  constructor(entries: Entries, world: { readonly draws: Draws; readonly nodes: readonly string[] }) {
    this.entries = entries;
    this.draws = world.draws;
    this.nodes = world.nodes;
    for (const place of entries.places()) this.file(place);
  }

  /** Whether there is anything about processes and disks, or may be. */
  static concerns(entry: Intervention): boolean {
    const does: { readonly kind: string; readonly torn?: boolean } = entry.kind === 'aimed' ? entry.does : entry;
    return (
      isOnOperation(entry) ||
      DISK_KINDS.has(does.kind) ||
      does.kind === 'cpu-delay' ||
      does.kind === 'crash-at-write' ||
      does.torn === true
    );
  }

  /** Finds the entries again: to be called after they have changed or were restored. */
  restored(): void {
    for (const index of [this.onDisk, this.onCpu, this.atWrite, this.onOperation]) index.clear();
    for (const place of this.entries.places()) this.file(place);
  }

  file(place: number): void {
    const { entries } = this;
    const entry = entries.at(place);
    if (isOnOperation(entry))
      file(this.onOperation, this.key(entries.node(entry.operation.host), entry.operation.ordinal), place);
    else if (isOnDisk(entry)) {
      const node = entries.node(entry.host);
      file(this.onDisk, node, place);
      const begin = (each: number) => (entries.at(each) as DiskIntervention).at;
      this.onDisk.get(node)?.sort((a, b) => begin(a) - begin(b));
    } else if (entry.kind === 'cpu-delay') file(this.onCpu, entries.node(entry.host), place);
    else if (entry.kind === 'crash-at-write') file(this.atWrite, entries.node(entry.host), place);
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
    this.doom(node, boot, ordinal, `${verb} ${path}`, begins);
    const fine = this.onOperation.get(this.key(node, ordinal));
    const coarse = this.onDisk.get(node);
    if (fine === undefined && coarse === undefined) return undefined;
    this.entries.decide();
    const fate = { delay: ZERO as number, outcome: 'ok' as DiskFate['outcome'], lies: false };
    for (const index of fine ?? []) {
      const entry = this.entries.at(index) as OperationIntervention;
      if (entry.operation.boot !== boot) continue;
      const does = `${verb} ${path}`;
      if (entry.operation.does !== does) {
        this.entries.state.mismatched.set(index, `operation was ${does}`);
        continue;
      }
      if (entry.kind === 'write-delay') fate.delay += entry.by;
      else if (entry.kind === 'write-failure') fate.outcome = entry.outcome;
      else if (entry.kind === 'sync-lie') fate.lies = true;
      else continue; // it waits for what comes later
      this.entries.applied(index);
    }
    // First those that make it take longer, so that a stall stops what is left of it.
    for (const index of coarse ?? []) this.change(index, fate, node, boot, ordinal, verb, begins);
    fate.delay += this.stalled(coarse ?? [], begins, takes + fate.delay);
    if (fate.delay === 0 && fate.outcome === 'ok' && !fate.lies) return undefined;
    this.record(fate, { host: this.nodes[node] as string, boot, ordinal, does: `${verb} ${path}` });
    return { ...fate, delay: fate.delay as Duration };
  }

  /** What takes the power when this operation is about to come back, if anything does. */
  crashAt(node: number, boot: number, ordinal: number): Crash | undefined {
    const key = this.key(node, ordinal);
    const fine = this.onOperation.get(key)?.find((place) => {
      const entry = this.entries.at(place) as OperationIntervention;
      return entry.kind === 'write-crash' && entry.operation.boot === boot && !this.entries.state.mismatched.has(place);
    });
    const doom = this.state.doomed.get(key);
    if (fine !== undefined) return { place: fine, entry: this.entries.at(fine) as Crash['entry'] };
    if (doom?.boot !== boot) return undefined;
    const { done, for: off } = this.entries.at(doom.place) as CrashAtWrite;
    const operation = { host: this.nodes[node] as string, boot, ordinal, does: doom.does };
    return { place: doom.place, entry: { kind: 'write-crash', operation, done, ...(off === undefined ? {} : { for: off }) } };
  }

  /** Looks whether an operation is the one that a host is to crash at. */
  private doom(node: number, boot: number, ordinal: number, does: string, now: Instant): void {
    for (const place of this.atWrite.get(node) ?? []) {
      const entry = this.entries.at(place) as CrashAtWrite;
      if (!holds(entry, now) || (entry.does !== undefined && !does.startsWith(entry.does))) continue;
      const passed = this.state.passed.get(place) ?? 0;
      this.state.passed.set(place, passed + 1);
      if (passed !== (entry.after ?? 0)) continue;
      this.state.doomed.set(this.key(node, ordinal), { place, boot, does });
    }
  }

  /**
   * What a crash leaves of the unsynced appends to a file.
   *
   * @param torn whether the crash itself says that a part of them is left
   */
  tear(node: number, boot: number, path: string, writers: readonly number[], torn: boolean): Tear | undefined {
    this.entries.decide();
    let kept = 0;
    if (torn) {
      const share = this.draws.fraction(node, boot, writers[0] as number, 0, 0, Purpose.tear);
      kept = 1 + Math.floor(share * writers.length);
    }
    for (const [place, ordinal] of writers.entries()) {
      for (const index of this.onOperation.get(this.key(node, ordinal)) ?? []) {
        const entry = this.entries.at(index) as OperationIntervention;
        if (entry.kind !== 'torn-write' || entry.operation.boot !== boot || this.entries.state.mismatched.has(index)) continue;
        kept = Math.max(kept, place + 1);
        this.entries.applied(index);
      }
    }
    if (kept === 0) return undefined;
    const ordinal = writers[kept - 1] as number;
    const operation = { host: this.nodes[node] as string, boot, ordinal, does: `append ${path}` };
    this.entries.record({ kind: 'torn-write', operation });
    return { kept, damaged: true };
  }

  lateness(now: Instant, node: number, pid: number, ordinal: number, network: boolean): Duration {
    const places = this.onCpu.get(node);
    if (places === undefined) return ZERO;
    let late = 0;
    for (const index of places) {
      const entry = this.entries.at(index) as CpuDelay;
      if (!holds(entry, now) || (entry.only === 'network' && !network)) continue;
      late += between(entry, this.draws.fraction(node, pid, ordinal, 0, 0, Purpose.late));
      this.entries.applied(index);
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
    const entry = this.entries.at(index) as DiskIntervention;
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
    this.entries.applied(index);
  }

  /** How much later something is done because the disk stands still meanwhile. */
  private stalled(coarse: readonly number[], begins: Instant, takes: number): number {
    let at: number = begins;
    let rest = takes;
    for (const index of coarse) {
      const entry = this.entries.at(index) as DiskIntervention;
      const until = entry.until ?? LAST_INSTANT;
      if (entry.kind !== 'disk-stall' || until <= at) continue;
      if (entry.at >= at + rest && entry.at > at) break;
      rest -= Math.max(0, entry.at - at);
      at = until;
      this.entries.applied(index);
    }
    return at + rest - (begins + takes);
  }

  private record(
    { delay, outcome, lies }: { readonly delay: number; readonly outcome: DiskFate['outcome']; readonly lies: boolean },
    operation: OperationIntervention['operation'],
  ): void {
    const { entries } = this;
    if (delay > 0) entries.record({ kind: 'write-delay', operation, by: delay as Duration });
    if (outcome !== 'ok') entries.record({ kind: 'write-failure', operation, outcome });
    else if (lies) entries.record({ kind: 'sync-lie', operation });
  }

  private key(node: number, ordinal: number): number {
    return ordinal * this.nodes.length + node;
  }
}

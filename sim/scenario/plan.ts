import type { Address } from '../../core/address.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { FaultKind } from '../campaign/kinds.ts';
import type { DiskSpec } from '../host/disk.ts';
import type { Behaviour, Signal } from '../host/program.ts';
import type { Intervention } from '../intervention/intervention.ts';
import type { Topology } from '../network/topology.ts';

/** A scenario ready to run: names resolved to node numbers, times to instants, everything checked. Plain data. */
export interface Plan {
  /** What the run is to be called; the file's name when the scenario has none is up to the caller. */
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly seed: number | string;
  /** Seconds since 1970, in UTC, that a right wall clock shows at the start. */
  readonly epoch: number;
  readonly end: Instant;
  /** Whether the agents that start at 0 know nobody, or each other. */
  readonly start: 'cold' | 'converged';
  /** Hosts first, then routers, each in the order of the file. */
  readonly topology: Topology;
  readonly hosts: readonly HostPlan[];
  /** In the order in which it happens; at one instant in the order of the file. */
  readonly timeline: readonly Step[];
  readonly expectations: readonly Expectation[];
  readonly checks: ChecksPlan;
  readonly measures: readonly Measure[];
  /** What befalls hosts for a time by the scenario's own timeline. */
  readonly faults: readonly Intervention[];
  readonly interventions: readonly Intervention[];
  /** What a campaign tries it with, where the scenario says so. */
  readonly explore?: ExplorePlan;
}

/** What a scenario says of how it is to be tried; what is absent follows from what runs on its hosts. */
export interface ExplorePlan {
  /** Each with how often it is drawn beside the others; those of weight 0 never. */
  readonly kinds?: Readonly<Partial<Record<FaultKind, number>>>;
  readonly also?: readonly FaultKind[];
  readonly without?: readonly FaultKind[];
  readonly hosts?: readonly string[];
  readonly faults?: { readonly least: number; readonly most: number };
  readonly from?: Instant;
  readonly until?: Instant;
  readonly quiet?: Duration;
  readonly heals?: readonly ('all' | 'majority')[];
  readonly workload?: readonly Errand[];
}

/** A command line that is typed in each run of a campaign. */
export interface Errand {
  /** On one of these hosts; `leader` for the one that leads then. */
  readonly on: readonly string[] | 'leader';
  readonly run: string;
  /** When, from the beginning of the chaos; at any time of it when absent. */
  readonly at?: { readonly min: Duration; readonly max: Duration };
  /** Again after so long. */
  readonly every?: { readonly min: Duration; readonly max: Duration };
}

/** One host beside its place in the network. */
export interface HostPlan {
  readonly node: number;
  readonly name: string;
  /** Texts by absolute path. */
  readonly files: ReadonlyMap<string, string>;
  readonly clock: {
    /** Nanoseconds by which the wall clock is ahead; may be negative. */
    readonly offset: number;
    /** Parts per million by which it gains on virtual time; may be negative. */
    readonly drift: number;
  };
  readonly disk: DiskSpec;
  readonly behaviour: Behaviour;
}

/** One thing that happens, to one node where it names one. */
export type Step = { readonly at: Instant } & Action;

export type Action =
  | { readonly type: 'run'; readonly node: number; readonly line: string }
  /** To all processes of the host, or those started by a command line that begins with `of`. */
  | { readonly type: 'signal'; readonly node: number; readonly signal: Signal; readonly of: string | undefined }
  | { readonly type: 'boot' | 'pause' | 'resume' | 'wipe' | 'revive'; readonly node: number }
  /** `torn`: in the middle of its writes, of which a part is left. */
  | { readonly type: 'crash'; readonly node: number; readonly torn: boolean }
  /** Starts programs again, those whose command line begins with `of`. */
  | { readonly type: 'restart'; readonly node: number; readonly of: string | undefined }
  | { readonly type: 'corrupt'; readonly node: number; readonly file: string; readonly record: number }
  /** Gives a host another address in place of its first one. */
  | { readonly type: 'readdress'; readonly node: number; readonly address: Address }
  /** Sets the wall clock by so many nanoseconds. */
  | { readonly type: 'jump'; readonly node: number; readonly by: number }
  /** Makes the clock gain so many parts per million from then on. */
  | { readonly type: 'drift'; readonly node: number; readonly drift: number }
  /** Directions between two nodes, not necessarily neighbours: all packets from the first to the second. */
  | { readonly type: 'cut' | 'heal'; readonly pairs: readonly (readonly [from: number, to: number])[] }
  | { readonly type: 'cut-trunk' | 'heal-trunk'; readonly trunk: number }
  | { readonly type: 'heal-all' };

/** Something that a world shows, or does not. With several nodes it holds when each of them shows it. */
export type Condition =
  /** Each status that is given has exactly these members, in any order; the others are not looked at. */
  | ({ readonly type: 'members'; readonly nodes: readonly number[] } & { readonly [status in MemberStatus]?: readonly string[] })
  /** What commands printed whose line begins with `of`. */
  | { readonly type: 'output'; readonly nodes: readonly number[]; readonly of: string | undefined; readonly text: TextTest }
  /** What a server of Raft shows; what is not given is not looked at. */
  | ({ readonly type: 'raft'; readonly nodes: readonly number[] } & RaftTest)
  | { readonly type: 'exit'; readonly nodes: readonly number[]; readonly of: string; readonly code: number };

export interface RaftTest {
  /** A server by its name; `none` for no leader; `any` for one and the same on all nodes. */
  readonly leader?: string;
  /** Not this one. */
  readonly except?: string;
  readonly role?: string;
  readonly term?: Bounds;
  readonly commit?: Bounds;
  /** Exactly these, in any order. */
  readonly voters?: readonly string[];
}

/** A number from here to there, both included. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

export type MemberStatus = 'alive' | 'failed' | 'left' | 'leaving';

export type TextTest =
  /** All of these occur. */
  | { readonly type: 'includes'; readonly texts: readonly string[] }
  /** A regular expression, with the flags `mu`, matches somewhere. */
  | { readonly type: 'matches'; readonly pattern: string }
  /** The whole output of one command, without line feeds at the end. */
  | { readonly type: 'equals'; readonly text: string };

/** When a condition must hold. */
export type Window =
  | { readonly type: 'at'; readonly at: Instant }
  /** At some instant up to this one. */
  | { readonly type: 'by'; readonly by: Instant }
  /** At every instant from the first to the second. */
  | { readonly type: 'throughout'; readonly from: Instant; readonly until: Instant };

export type Expectation = {
  /** Where it stands: `expect[2]`. */
  readonly path: string;
  /** The same as a line of the file, where there is one. */
  readonly line: number | undefined;
} & (
  | { readonly type: 'condition'; readonly condition: Condition; readonly window: Window }
  | { readonly type: 'violates'; readonly property: string }
);

export interface ChecksPlan {
  readonly always: readonly string[];
  /** Each with the time it may take after faults have stopped, where the scenario says so. */
  readonly eventually: readonly { readonly name: string; readonly within: Duration | undefined }[];
  readonly sometimes: readonly string[];
}

/** A time to report. */
export interface Measure {
  readonly name: string;
  readonly description: string | undefined;
  readonly from: Mark;
  readonly to: Mark;
  readonly unit: 'ns' | 'us' | 'ms' | 's' | 'm' | 'h';
}

/** A moment of a run: the first time that something is so. */
export type Mark =
  | Condition
  | { readonly type: 'instant'; readonly at: Instant }
  /** A command line that begins like this is typed, on one of the nodes. */
  | { readonly type: 'command'; readonly nodes: readonly number[]; readonly line: string };

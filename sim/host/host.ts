import type { Endpoint } from '../../core/names.ts';
import type { StreamEvent, WriteOutcome } from '../../core/protocol.ts';
import type { Instant } from '../../core/time.ts';
import type { EventId } from '../engine/simulation.ts';
import { type ClockState, newClock } from './clock.ts';
import type { EchoAnswer } from './commands/registry.ts';
import { type DiskSpec, type DiskState, install, newDisk } from './disk.ts';
import { absolute, HOME } from './path.ts';
import type { Behaviour, ScriptResult, ScriptRun, Signal } from './program.ts';
import type { JobState } from './shell/job.ts';

/** A host as a scenario describes it; all but its name may be left out. */
export interface HostSpec {
  readonly name: string;
  /** Parts per million by which its clock gains; a whole number. */
  readonly drift?: number;
  /** Nanoseconds by which its wall clock is ahead. */
  readonly offset?: number;
  readonly disk?: DiskSpec;
  /** Texts on its disk from the start, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Variables of its shells, beside HOME, PATH, USER and HOSTNAME. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Command lines that every boot runs. */
  readonly boot?: readonly string[];
  /** Whose behaviour its programs follow. */
  readonly behaviour?: Behaviour;
}

/** A host's part of the state: all that changes on it. */
export interface HostState {
  up: boolean;
  /** How often it was started before: 0 in its first life. */
  boots: number;
  readonly clock: ClockState;
  readonly disk: DiskState;
  /** Never given twice, also across boots, so that a number names one process for the whole run. */
  nextPid: number;
  readonly processes: Map<number, ProcessState>;
  readonly jobs: Map<number, JobState>;
  /** How often a program of each name was started. */
  readonly starts: Map<string, number>;
  /** For requests, and for commands that programs give to their protocols. */
  nextId: number;
  /** Command lines of the programs that ran when it crashed. */
  interrupted: string[][];
}

/** A process: a program made of protocols, or a command that waits. */
export interface ProcessState {
  readonly pid: number;
  readonly kind: 'program' | 'tool';
  name: string;
  /** Its command line. */
  readonly words: readonly string[];
  /** The job that waits for it, and prints what it prints. */
  readonly job: number;
  readonly environment: Map<string, string>;
  /** What its timers and those of its program are known by. */
  readonly owner: number;
  parts: PartState[];
  /** State of the program or the command itself. */
  own: object | null;
  /** Stopped by a signal. */
  paused: boolean;
  /** Whether inputs have to queue: while it is paused or late, and until it has caught up. */
  held: boolean;
  /** Whether those that the network brings have to. */
  lagging: boolean;
  /** How many inputs were late, and when it takes the last of them. */
  late: number;
  ready: Instant;
  readonly inputs: QueuedInput[];
  /** Files that its program read while it was made; null for those that were not there. */
  readonly files: Map<string, string | null>;
  /** Requests that wait for an answer of this process, and who asked. */
  readonly requests: Map<number, number>;
  /** Requests of this process, and whom it asked. */
  readonly asked: Map<number, number>;
  /** Scripts that wait for the one that runs. */
  readonly scripts: ScriptRun[];
  /** The job of the script that runs. */
  script: number | null;
}

/** One protocol of a process. */
export interface PartState {
  readonly owner: number;
  /** Handles, in the order of its sockets. */
  readonly sockets: number[];
  /** The protocol's own state object. */
  state: object;
}

/** What came for a process that could not take it yet, and what it follows from. */
export interface QueuedInput {
  readonly '~cause': EventId;
  readonly input: Input;
  /** Not taken before. */
  readonly ready: Instant;
}

export type Input =
  | {
      readonly type: 'datagram';
      readonly owner: number;
      readonly place: number;
      readonly from: Endpoint;
      readonly message: unknown;
    }
  | { readonly type: 'stream'; readonly owner: number; readonly stream: number; readonly event: StreamEvent<unknown> }
  | { readonly type: 'timer'; readonly owner: number; readonly kind: number; readonly subject: number }
  | { readonly type: 'written'; readonly owner: number; readonly write: number; readonly outcome: WriteOutcome }
  | { readonly type: 'signal'; readonly signal: Signal }
  | { readonly type: 'request'; readonly id: number; readonly request: unknown }
  | { readonly type: 'abandoned'; readonly id: number }
  | { readonly type: 'scripted'; readonly result: ScriptResult }
  | { readonly type: 'echoed'; readonly answer: EchoAnswer }
  | { readonly type: 'answered'; readonly answer: unknown; readonly last: boolean }
  | { readonly type: 'disconnected' };

/** The first process of a host; the numbers below belong to the kernel and to what no scenario shows. */
const FIRST_PID = 1_000;

export function newHost(spec: HostSpec): HostState {
  const disk = newDisk(spec.disk);
  installFiles(disk, spec);
  return {
    up: true,
    boots: 0,
    clock: newClock(spec.drift, spec.offset),
    disk,
    nextPid: FIRST_PID,
    processes: new Map(),
    jobs: new Map(),
    starts: new Map(),
    nextId: 1,
    interrupted: [],
  };
}

/** Puts on a disk what the scenario says is on it. */
export function installFiles(disk: DiskState, spec: HostSpec): void {
  for (const [path, text] of Object.entries(spec.files ?? {})) install(disk, absolute(path), text);
}

export function environmentFor(spec: HostSpec): Map<string, string> {
  return new Map([
    ['HOME', HOME],
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['USER', 'root'],
    ['HOSTNAME', spec.name],
    ...Object.entries(spec.environment ?? {}),
  ]);
}

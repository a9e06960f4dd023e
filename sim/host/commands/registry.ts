import type { Address } from '../../../core/address.ts';
import type { Duration, Instant } from '../../../core/time.ts';
import type { EchoOutcome } from '../../network/upcalls.ts';
import type { InterfaceView, NeighbourView, RouteView } from '../../network/view.ts';
import type { Behaviour, HostView, Program, Signal } from '../program.ts';

/** One word of a command line as it was written, before anything ran. */
export interface Argument {
  readonly text: string;
  /** False when it holds variables, so that its text is known only while it runs. */
  readonly exact: boolean;
  /** Where it starts, both from 1. */
  readonly line: number;
  readonly column: number;
}

/** Something wrong with a command line or script, found before the run. */
export interface Problem {
  /** The host's file it is in, when it is not in the text itself. */
  readonly file?: string;
  readonly line: number;
  readonly column: number;
  /** The problem and the way out, as a sentence. */
  readonly says: string;
  /** It can be run all the same: the command then says what the real one says. */
  readonly harmless?: boolean;
}

/** A name that a command gives its host or speaks of, to be compared with those of all others. */
export interface Naming {
  readonly line: number;
  readonly column: number;
  /** `unknown`: the command gives a name that is not known before the run. */
  readonly does: 'claim' | 'mention' | 'unknown';
  /** Undefined for that of the host itself. */
  readonly name: string | undefined;
}

/** What may be known of the host while its command lines are checked. */
export interface CheckHost {
  readonly name: string;
  readonly interfaces: readonly { readonly name: string }[];
  readonly behaviour: Behaviour;
  /** How long a message may take to cross the host's segments, but for a few; absent where the network is not known. */
  readonly latency?: Duration;
  /** The host's configured files, by path. */
  file(path: string): string | undefined;
  /** Their absolute paths. */
  files(): readonly string[];
}

/** A place in a file of the host, line and column from 1. */
export interface FileSpot {
  /** Absolute. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface CheckContext {
  readonly host: CheckHost;
  /** Says that something is wrong with this word. */
  problem(at: Argument, says: string): void;
  /** Says that the command will not do what it is there for, as the real one would not, though it can be run. */
  warn(at: Argument | FileSpot, says: string): void;
  /** The command gives its host a name that no other host is to have; without one, that of the host itself. */
  claim(at: Argument, name?: string): void;
  /** It gives its host a name that is not known before the run. */
  claimUnknown(at: Argument): void;
  /** The command speaks of somebody by a name that a host should have. */
  mention(at: Argument, name: string): void;
  /** Also checks a script that the command would run: an event handler. Its problems are told at `at`. */
  script(text: string, at: Argument): void;
}

/** How a command began. */
export type Started =
  /** It did its work and is over. */
  | { readonly type: 'ended'; readonly status: number }
  /** It waits, for a timer, an echo or an answer. `state` is plain data, saved and restored. */
  | { readonly type: 'waits'; readonly state: object }
  /** It becomes a process made of protocols: the one that `program` makes of the same words. */
  | { readonly type: 'program' };

export const ended = (status: number): Started => ({ type: 'ended', status });
export const waits = (state: object): Started => ({ type: 'waits', state });
export const becomesProgram: Started = { type: 'program' };

/**
 * What a word at the start of a command line stands for. Commands hold no state of their own: one object serves every host.
 *
 * `check` must find everything that `start` and `program` would refuse in words that are exact.
 */
export interface Command {
  readonly name: string;
  /** What is wrong with the words after the name. */
  check(args: readonly Argument[], context: CheckContext): void;
  start(args: readonly string[], tool: ToolApi): Started;
  /** Makes the program; called when `start` said so, and again when a saved world is restored. `args` were good for `start`. */
  program?(args: readonly string[], host: HostView): Program;

  // While it waits. Each may end it with `tool.end`.
  timeout?(state: never, kind: number, tool: ToolApi): void;
  echoed?(state: never, report: EchoAnswer, tool: ToolApi): void;
  /** An answer to its request; `last` when no other follows. */
  answered?(state: never, answer: unknown, last: boolean, tool: ToolApi): void;
  /** The program it asked has ended without a last answer. */
  disconnected?(state: never, tool: ToolApi): void;
  /** Without this method a signal ends it with status 128 + its number. */
  signal?(state: never, signal: Signal, tool: ToolApi): void;
}

/** What came back for an echo request: its reply, or the ICMP error about it. */
export interface EchoAnswer {
  readonly sequence: number;
  readonly type: EchoOutcome;
  readonly from: Address;
  /** TTL that the reply arrived with. */
  readonly ttl: number;
  /** ICMP payload and header, as `ping` prints it: 64 for the usual 56. */
  readonly bytes: number;
  /** When the request left, on the host's clock. */
  readonly sentAt: Instant;
}

/** A process as `pidof` and `kill` see it. */
export interface ProcessView {
  readonly pid: number;
  readonly name: string;
}

/** What a command may do. */
export interface ToolApi {
  readonly pid: number;
  readonly host: HostView;
  /** The host's clock. */
  readonly now: Instant;
  wallClock(): string;
  /** Writes text as it is to standard output. */
  write(text: string): void;
  /** Writes lines to standard output, each ended by a line feed. */
  print(text: string): void;
  /** Writes lines to standard error. */
  complain(text: string): void;
  /** Takes all that is left of standard input. */
  input(): string;
  variable(name: string): string | undefined;
  /** A file's text now. */
  read(path: string): string | undefined;

  processes(): readonly ProcessView[];
  /** @returns false when there is no such process */
  kill(pid: number, signal: Signal): boolean;

  /** All of them now, the loopback first. */
  interfaces(): readonly InterfaceView[];
  neighbours(): readonly NeighbourView[];
  routes(): readonly RouteView[];
  /**
   * Sends an echo request under this process's identifier; the answer comes in `echoed`.
   *
   * @param options.bytes data in the request
   * @returns false when there is no route to the address
   */
  echo(to: Address, options: { readonly sequence: number; readonly bytes: number; readonly ttl: number }): boolean;

  /**
   * Asks a running program of this host, the oldest of that name, or the one that is reached at an address. Answers come in
   * `answered`, never before `start` has returned.
   *
   * @returns false when none runs
   */
  request(program: string, request: unknown, address?: string): boolean;

  setTimer(kind: number, after: Duration): void;
  cancelTimer(kind: number): void;
  /** Ends a command that waits. */
  end(status: number): void;
  /** Ends a command that waits as the signal does when nobody answers it. */
  die(signal: Signal): void;
}

/** The table of known commands. */
export class Registry {
  readonly #commands: ReadonlyMap<string, Command>;

  constructor(commands: readonly Command[]) {
    this.#commands = new Map(commands.map((command) => [command.name, command]));
  }

  find(name: string): Command | undefined {
    return this.#commands.get(name);
  }

  /** The same table with more commands, of which one takes the place of another of its name. */
  with(commands: readonly Command[]): Registry {
    return new Registry([...this.#commands.values(), ...commands]);
  }

  /** In alphabetical order. */
  names(): readonly string[] {
    return [...this.#commands.keys()].sort();
  }
}

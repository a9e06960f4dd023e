import type { Address } from '../../core/address.ts';
import type { Names } from '../../core/names.ts';
import type { Notice, Protocol, SocketSpec } from '../../core/protocol.ts';
import type { Rng } from '../../core/random.ts';
import type { Duration, Instant } from '../../core/time.ts';

/** A signal by its name without SIG. KILL and STOP never reach a program: the kernel carries them out. */
export type Signal = 'HUP' | 'INT' | 'QUIT' | 'KILL' | 'USR1' | 'USR2' | 'TERM' | 'CONT' | 'STOP';

/** One protocol of a program, with the sockets it is given when the process starts. */
export interface ProgramPart {
  readonly name: string;
  readonly protocol: Protocol<never, never>;
  readonly sockets: readonly SocketSpec[];
  /** Absolute paths of files that it finds at its start beside those of its own; it calls them by these paths. */
  readonly files?: readonly string[];
}

/** Why a socket could not be had when a process started. */
export interface SocketRefusal {
  readonly part: string;
  readonly socket: SocketSpec;
  /** As the system says it: `address already in use`. */
  readonly problem: string;
}

/**
 * What a command line like `serf agent …` starts: protocols, and the glue between them, the terminal, scripts and signals.
 *
 * A program is made again from its command line when a saved world is restored, and its protocols and its `state` then get their
 * saved state back. So making one is a pure function of the command line and of what the `HostView` shows, draws no random
 * number, and nothing that changes lives outside `state` and the protocols.
 *
 * Its methods are called between the calls to its protocols, never inside one, in the order in which things happened.
 */
export interface Program {
  /** What `pidof` and `pkill` know it by: `serf`. */
  readonly name: string;
  readonly parts: readonly ProgramPart[];
  /** Plain data that changes outside the protocols, such as the last lines of the log. */
  readonly state?: object;
  /** Where its protocols' files live on the host's disk; `/var/lib/NAME` when absent. */
  readonly directory?: string;

  /** Called once before the protocols start; what it prints comes first. */
  starting?(process: ProcessApi): void;
  /** Called once after all protocols were started. */
  started?(process: ProcessApi): void;
  /** A socket was refused. Without this method one line says so and the process ends with status 1, as it does after this method. */
  refused?(refusal: SocketRefusal, process: ProcessApi): void;
  /** What one of its protocols announced. */
  notice?(part: number, notice: Notice, process: ProcessApi): void;
  /** Whether commands that ask for a program of its name at this address reach it, `127.0.0.1:7373`; without this method they do. */
  serves?(address: string): boolean;
  /** Whether a line that one of its protocols logs is of any use now; others go nowhere. All are without this method. Called for every line. */
  hears?(line: string): boolean;
  /** A line that one of its protocols logged; it is in the journal already. */
  log?(line: string, process: ProcessApi): void;
  /** A protocol's reply to a command. Without this method a reply to a request is its last answer. */
  replied?(id: number, result: unknown, process: ProcessApi): void;
  /** A request of a command on the same host (its RPC), to be answered with `process.answer`, now or later. */
  request?(id: number, request: unknown, process: ProcessApi): void;
  /** The command that made a request has ended or was interrupted: nobody waits for more answers. */
  abandoned?(id: number, process: ProcessApi): void;
  /** A timer of the program itself. */
  timeout?(kind: number, process: ProcessApi): void;
  /** A script that it ran has ended. */
  scripted?(result: ScriptResult, process: ProcessApi): void;
  /**
   * Makes those that run know each other, in a world that starts with everybody together. Called once, on the first of all programs of
   * its name, after all of them were started.
   */
  converge?(all: readonly { readonly program: Program; readonly process: ProcessApi }[]): void;
  /** Without this method HUP, INT, QUIT, TERM, USR1 and USR2 end the process at once, as they do by default. */
  signal?(signal: Signal, process: ProcessApi): void;
}

/** A script to run beside a process, such as an event handler. The scripts of one process run one after another. */
export interface ScriptRun {
  /** Given back in the result. */
  readonly tag: number;
  /** A command line, as `/bin/sh -c` takes it. */
  readonly script: string;
  /** Added to the host's environment. */
  readonly environment: ReadonlyMap<string, string>;
  readonly stdin: string;
  /** Whether what it prints appears on the host's terminal, as a job of its own. */
  readonly shown: boolean;
}

export interface ScriptResult {
  readonly tag: number;
  readonly status: number;
  /** Standard output and standard error, as printed. */
  readonly output: string;
}

/** What a program may do to its process and host. */
export interface ProcessApi {
  readonly pid: number;
  /** The host as it was when the process started. */
  readonly host: HostView;
  /** The host as it is now. */
  look(): HostView;
  /** Puts a text into a file in place of what is there. @returns false when the disk is full */
  write(path: string, text: string): boolean;
  /** The host's clock. */
  readonly now: Instant;
  /** The host's wall clock as logs write it, `2013/10/21 13:53:31`. */
  wallClock(): string;
  /** Prints one line, or several with `\n` between them, where the job that started the process prints. */
  print(text: string): void;
  /** A number for a command of the program's own. */
  nextId(): number;
  /** Gives a command to one of its protocols; the reply comes in `replied`. */
  command(part: number, id: number, command: unknown): void;
  /** Answers a request. `more` says that this answer is not the last one. */
  answer(id: number, answer: unknown, more?: boolean): void;
  /** Queues a script. */
  script(run: ScriptRun): void;
  /** Calls `timeout(kind)` once; a pending one of the same kind is replaced. */
  setTimer(kind: number, after: Duration): void;
  cancelTimer(kind: number): void;
  /** Ends the process; its protocols get no further input, its connections are torn down. */
  end(status: number): void;
}

/** One interface of a host, as `ip addr` shows it. */
export interface HostInterface {
  readonly name: string;
  /** `02:42:00:01:00:00` */
  readonly mac: string;
  readonly mtu: number;
  readonly addresses: readonly { readonly address: Address; readonly length: number }[];
}

/** What a program may know of its host when it is made. */
export interface HostView {
  readonly node: number;
  readonly name: string;
  /** In the order of the host's configuration, without the loopback. */
  readonly interfaces: readonly HostInterface[];
  readonly names: Names;
  readonly behaviour: Behaviour;
  /** A random stream of this host for one purpose: `gossip`. The same for every process of the host and every boot. */
  random(purpose: string): Rng;
  /** The text of a file, as it was when the process started; undefined when there is none. */
  file(path: string): string | undefined;
  /** The names of the files in a directory, in alphabetical order; undefined when no file is in it. */
  list(directory: string): readonly string[] | undefined;
}

/** Whose behaviour the programs of a host follow: a profile, which each program knows or does not, and switches of its own over that. */
export interface Behaviour {
  readonly profile: string | undefined;
  readonly quirks: Readonly<Record<string, boolean>>;
}

/** One host of a world: an agent's machine with one interface, eth0. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  /** Which of two switches it is plugged into, 0 or 1; worlds without a cut have all on the first. */
  readonly side: number;
  /** Texts by absolute path, all under /root; they can be executed. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Something that is done to a world, in seconds after its start. */
export type Deed = { readonly at: number } /** A command line is typed on a host; all it prints is seen. */ & (
  | { readonly does: 'run'; readonly host: string; readonly line: string }
  /** The agent of a host dies of SIGKILL; its kernel lives, and refuses. */
  | { readonly does: 'kill'; readonly host: string }
  /** The cable between the two switches is pulled, or plugged in again. */
  | { readonly does: 'cut' | 'heal' }
  /** What every host has sent so far is counted. */
  | { readonly does: 'count' }
);

/** A small network with agents, which can be built of network namespaces and can be simulated: one sample of an experiment. */
export interface World {
  readonly machines: readonly Machine[];
  /** In order of time. */
  readonly deeds: readonly Deed[];
  /** When it is over at the latest, in seconds. */
  readonly end: number;
  /** Whether hosts have IPv6 too, as multicast DNS takes for granted; counts of packets are clearer without. */
  readonly ipv6?: boolean;
}

/** A line that appeared on a host's terminal, as printed by a command line; log lines are without their time. */
export interface Line {
  /** In milliseconds since the start of the world. */
  readonly at: number;
  readonly host: string;
  /** The command line that printed it. */
  readonly of: string;
  readonly text: string;
}

/** How much a host has sent. */
export interface Sent {
  readonly ip: number;
  readonly arp: number;
}

/** When a deed was done in fact, in milliseconds, and what each host had sent by then if it was a count. */
export interface Done {
  readonly at: number;
  readonly deed: Deed;
  readonly sent?: ReadonlyMap<string, Sent>;
}

/** Everything that was seen of a world, real or simulated. */
export interface Seen {
  readonly lines: readonly Line[];
  readonly done: readonly Done[];
}

/** Something to measure in a world. */
export interface Measure {
  readonly name: string;
  /** Milliseconds when absent. */
  readonly unit?: '1/s';
  /** It is known to differ, and why is in docs/fidelity.md. */
  readonly differs?: true;
  /** @returns undefined while, or if, it has not come to an end */
  of(seen: Seen): number | undefined;
}

/** A world and what is measured in it. */
export interface Sample {
  readonly world: World;
  readonly measures: readonly Measure[];
}

/** A way to make worlds, all alike but for their instants: when agents start and things happen is drawn anew for each. */
export interface Experiment {
  readonly name: string;
  readonly sizes: readonly number[];
  /** How many agents may run at a time beside each other, where it takes so short that starting others nearby would show. */
  readonly most?: number;
  sample(size: number, draw: () => number): Sample;
}

/** The first machines of a segment: n1, n2, … */
export function machines(size: number, onSecondSwitch = 0): Machine[] {
  return Array.from({ length: size }, (_, i) => ({
    name: `n${i + 1}`,
    address: `10.77.0.${i + 1}`,
    side: i < size - onSecondSwitch ? 0 : 1,
  }));
}

export const inOrder = (deeds: readonly Deed[]): Deed[] => deeds.toSorted((a, b) => a.at - b.at);

/** One of these at random. */
export const oneOf = <T>(of: readonly T[], draw: () => number): T => of[Math.floor(draw() * of.length)] as T;

const LOGGED = /^ {4}\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (?=\[)/;

/** A terminal's line without the indentation and the time of log lines. */
export const withoutTime = (text: string): string => text.replace(LOGGED, '');

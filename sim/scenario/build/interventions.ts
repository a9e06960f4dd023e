import { type Address, contains, parseAddress } from '../../../core/address.ts';
import { type Duration, formatDuration, type Instant } from '../../../core/time.ts';
import type { Intervention } from '../../intervention/intervention.ts';
import type { Topology } from '../../network/topology.ts';
import type { Path } from '../problem.ts';
import { readDrift, readRate, readSignedTime, readSize, type Time } from '../quantity.ts';
import type { InterventionInput } from '../schema.ts';
import type { Cast } from './cast.ts';
import type { Commands } from './commands.ts';
import type { Reporter } from './reporter.ts';
import { durationOf } from './segments.ts';
import type { Times } from './times.ts';

/** What can be looked at besides, where it is at hand. */
interface Around {
  readonly commands?: Commands;
  readonly topology?: Topology;
}

/** Bytes that may wait for a bandwidth that collapsed, when nothing is said of it. */
const QUEUE = 65_536;

/** The adversary's part of a scenario. */
export function buildInterventions(
  inputs: readonly InterventionInput[],
  cast: Cast,
  times: Times,
  reporter: Reporter,
  around: Around = {},
): Intervention[] {
  const reader = new Reader(cast, times, reporter, around);
  return inputs.map((input, index) => reader.entry(input, ['interventions', index]));
}

type Keys = Readonly<Record<string, unknown>>;

/** Reads entries key by key: each key means the same wherever it stands. */
class Reader {
  private readonly cast: Cast;
  private readonly times: Times;
  private readonly reporter: Reporter;
  private readonly around: Around;

  constructor(cast: Cast, times: Times, reporter: Reporter, around: Around) {
    this.cast = cast;
    this.times = times;
    this.reporter = reporter;
    this.around = around;
  }

  entry(input: InterventionInput, path: Path): Intervention {
    const read = this.keys(input, path);
    this.together(read, path);
    return (read.kind === 'link-bandwidth' ? { queue: QUEUE, ...read } : read) as unknown as Intervention;
  }

  private keys(input: object, path: Path): Keys {
    const begin = 'at' in input ? this.times.instant(input.at as Time, [...path, 'at']) : undefined;
    const entries = Object.entries(input).flatMap(([key, value]): [string, unknown][] =>
      value === undefined ? [] : [[key, this.value(key, value, [...path, key], input, begin)]],
    );
    return Object.fromEntries(entries);
  }

  private value(key: string, value: unknown, path: Path, input: object, begin: Instant | undefined): unknown {
    const { kind } = input as { readonly kind?: string };
    switch (key) {
      case 'at':
        return begin;
      case 'until':
        return this.times.endOf(value as Time, begin as Instant, path);
      case 'by':
        return kind === 'clock-jump' ? readSignedTime(value as Time) : durationOf(value as Time);
      case 'min':
      case 'max':
      case 'up':
      case 'down':
      case 'every':
      case 'for':
        return durationOf(value as Time);
      case 'after':
        return kind === 'aimed' ? durationOf(value as Time) : value;
      case 'drift':
        return readDrift(value as string);
      case 'bandwidth':
        return readRate(value as string);
      case 'queue':
        return readSize(value as string | number);
      case 'address':
        return parseAddress(value as string);
      case 'packet': {
        const { sender, boot = 0, ordinal, receiver, hop = 0, message } = value as Record<string, unknown>;
        this.machine(sender as string, [...path, 'sender']);
        this.machine(receiver as string, [...path, 'receiver']);
        return { sender, boot, ordinal, receiver, hop, message };
      }
      case 'operation': {
        const { host, boot = 0, ordinal, does } = value as Record<string, unknown>;
        this.host(host as string, [...path, 'host']);
        return { host, boot, ordinal, does };
      }
      case 'does':
        return typeof value === 'string' ? value : this.keys(value as object, path);
      case 'host':
        return kind === 'host-crash' ? this.machine(value as string, path) : this.host(value as string, path);
      case 'from':
      case 'to':
      case 'instead':
        return this.machine(value as string, path);
      case 'between':
        return (value as string[]).map((name, end) => this.machine(name, [...path, end]));
      case 'router':
        return this.router(value as string, path);
      case 'trunk':
        return this.trunk(value as [string, string], path);
      case 'segment':
        return this.segment(value as string, path);
      case 'segments':
        return (value as string[]).map((name, end) => this.segment(name, [...path, end]));
      case 'hosts':
        return this.cast.names(this.cast.nodes(value as string[], path));
      case 'groups':
        return (value as string[][]).map((group, index) => this.cast.names(this.cast.nodes(group, [...path, index])));
      default:
        return value;
    }
  }

  /** What keys say that does not go together. */
  private together(read: Keys, path: Path): void {
    const { reporter } = this;
    const { kind, min, max, from, to, between, host, run, address, groups } = read as {
      readonly kind: Intervention['kind'];
      readonly from?: string;
      readonly to?: string;
      readonly host?: string;
      readonly run?: string;
      readonly min?: Duration;
      readonly max?: Duration;
      readonly between?: readonly string[];
      readonly address?: Address;
      readonly groups?: readonly (readonly string[])[];
    };
    if (min !== undefined && max !== undefined && min > max)
      reporter.say(
        [...path, 'max'],
        `The most, ${formatDuration(max)}, is less than the least, ${formatDuration(min)}.`,
        'Swap them.',
      );
    const ends = between ?? [from, to];
    if (ends[0] !== undefined && ends[0] === ends[1])
      reporter.say(
        [...path, between === undefined ? 'to' : 'between'],
        `The link leads from ${ends[0]} to itself.`,
        'Name two machines.',
      );
    if (kind === 'command' && run !== undefined && host !== undefined)
      this.around.commands?.check(run, this.cast.hosts(host, [...path, 'host']), [...path, 'run'], true);
    if (host !== undefined && address !== undefined) this.fits(host, address, path);
    const twice = (groups ?? []).flat().find((name, place, all) => all.indexOf(name) < place);
    if (twice !== undefined)
      reporter.say([...path, 'groups'], `${twice} is in two groups.`, 'Each machine belongs to one group at most.');
  }

  /** One host or router. */
  private machine(name: string, path: Path): string {
    if (this.cast.nodes(name, path).length > 1) this.several(name, path);
    return name;
  }

  /** One host, and no router, which has neither processes nor a disk. */
  private host(name: string, path: Path): string {
    if (this.cast.hosts(name, path).length > 1) this.several(name, path);
    return name;
  }

  private several(name: string, path: Path): void {
    this.reporter.say(path, `${name} stands for several hosts, and one is needed here.`, 'Name one of them.');
  }

  private router(name: string, path: Path): string {
    const { declared } = this.reporter;
    if (declared.hosts.has(name)) this.reporter.say(path, `${name} is a host, and a router is needed here.`, 'Take host-crash.');
    else this.machine(name, path);
    return name;
  }

  private segment(name: string, path: Path): string {
    if (!this.reporter.declared.segments.has(name)) this.reporter.unknown(path, 'segment', name);
    return name;
  }

  private trunk(ends: readonly [string, string], path: Path): readonly [string, string] {
    for (const [end, name] of ends.entries()) this.reporter.unknown([...path, end], 'switch', name);
    const { switches = [], trunks = [] } = this.around.topology ?? {};
    const places = ends.map((name) => switches.findIndex((each) => each.name === name));
    if (places.every((place) => place >= 0) && !trunks.some(({ between }) => places.every((place) => between.includes(place))))
      this.reporter.say(path, `No trunk joins ${ends.join(' and ')}.`, 'Trunks are listed under network.');
    return ends;
  }

  /** Whether a host can have an address: one of a subnet of its first one that nobody has. */
  private fits(host: string, address: Address, path: Path): void {
    const { segments = [], nodes = [] } = this.around.topology ?? {};
    const port = nodes.find(({ name }) => name === host)?.interfaces[0];
    if (port === undefined) return;
    const owner = nodes.find((node) => node.interfaces.some((each) => each.addresses.some((own) => own.address === address)));
    if (owner !== undefined)
      this.reporter.say([...path, 'address'], `It is the address of ${owner.name} already.`, 'Take a free one.');
    const first = port.addresses[0]?.address;
    const subnet = segments[port.segment]?.subnets.find((each) => first !== undefined && contains(each, first));
    if (subnet !== undefined && !contains(subnet, address))
      this.reporter.say([...path, 'address'], `It is outside of the subnet of ${host}.`, 'Take one beside its present address.');
  }
}

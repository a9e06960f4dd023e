import type { Topology } from '../../sim/network/topology.ts';

/** A value of an intervention, and how a person gives it. */
export interface Field {
  /** As scenarios call it. */
  readonly key: string;
  readonly label: string;
  readonly type:
    | 'host'
    | 'machine'
    | 'router'
    | 'segment'
    | 'trunk'
    /** Two machines. */
    | 'pair'
    /** Two segments, from the first to the second. */
    | 'segments'
    /** Some hosts in their order. */
    | 'hosts'
    /** Two groups. */
    | 'sides'
    | 'text'
    | 'number'
    | 'yes'
    | 'choice'
    /** What is done to whoever is aimed at. */
    | 'blow';
  /** What it is at first. */
  readonly value?: string | number | boolean;
  /** For a choice; an empty one leaves the value out. */
  readonly options?: readonly (readonly [value: string, name: string])[];
  /** Whether it is left out when it is empty. */
  readonly optional?: boolean;
}

/** A kind of thing that can be done to a run that goes on, or changed in one that is over. */
export interface DeedKind {
  readonly kind: string;
  readonly name: string;
  readonly group: string;
  readonly fields: readonly Field[];
  /** Whether it lasts for a time. */
  readonly lasts: boolean;
}

const host: Field = { key: 'host', label: 'Host', type: 'host' };
const hosts: Field = { key: 'hosts', label: 'Hosts', type: 'hosts' };
const rate = (value: number): Field => ({ key: 'rate', label: 'Share, 0 to 1', type: 'number', value });
const text = (key: string, label: string, value: string): Field => ({ key, label, type: 'text', value });
const optional = (key: string, label: string): Field => ({ key, label, type: 'text', value: '', optional: true });
const range = (min: string, max: string): Field[] => [text('min', 'At least', min), text('max', 'At most', max)];
const way: readonly Field[] = [
  { key: 'from', label: 'From', type: 'machine' },
  { key: 'to', label: 'To', type: 'machine' },
];
const pair: Field = { key: 'between', label: 'Between', type: 'pair' };
const of = optional('of', 'Only programs that begin with');

const lasting = (group: string, kind: string, name: string, ...fields: readonly Field[]): DeedKind => ({
  kind,
  name,
  group,
  fields,
  lasts: true,
});
const sudden = (group: string, kind: string, name: string, ...fields: readonly Field[]): DeedKind => ({
  ...lasting(group, kind, name, ...fields),
  lasts: false,
});

const LINK = 'One direction';
const PARTS = 'Partitions';
const FABRIC = 'The network itself';
const HOST = 'Hosts';
const CLOCK = 'Clocks';
const DISK = 'Disks';
const AIM = 'Strategies';

/** All that can be done, in the order in which it is offered. What is about one packet or one operation can only be left out or moved. */
export const DEEDS: readonly DeedKind[] = [
  lasting(LINK, 'link-loss', 'Lose packets', ...way, rate(0.3)),
  lasting(
    LINK,
    'link-burst',
    'Lose packets in bad times',
    ...way,
    { key: 'enter', label: 'A good time ends, 0 to 1', type: 'number', value: 0.05 },
    { key: 'leave', label: 'A bad time ends, 0 to 1', type: 'number', value: 0.2 },
    rate(0.9),
  ),
  lasting(LINK, 'link-delay', 'Delay packets', ...way, ...range('100ms', '100ms')),
  lasting(LINK, 'link-reorder', 'Hold some packets up', ...way, rate(0.1), ...range('5ms', '500ms')),
  lasting(LINK, 'link-duplicate', 'Duplicate packets', ...way, rate(0.1), ...range('0s', '1s')),
  lasting(LINK, 'link-corrupt', 'Damage packets', ...way, rate(0.1)),
  lasting(LINK, 'link-misdelivery', 'Deliver elsewhere', ...way, rate(0.1), {
    key: 'instead',
    label: 'Instead to',
    type: 'machine',
  }),
  lasting(
    LINK,
    'link-bandwidth',
    'Narrow the bandwidth',
    ...way,
    text('bandwidth', 'To', '64kbit'),
    text('queue', 'Queue', '16KiB'),
  ),
  lasting(LINK, 'link-mtu', 'Swallow large frames', ...way, { key: 'mtu', label: 'Above, in bytes', type: 'number', value: 576 }),
  lasting(LINK, 'link-cut', 'Cut', ...way),
  lasting(PARTS, 'partition', 'Part two sides', { key: 'groups', label: 'Sides', type: 'sides' }),
  lasting(PARTS, 'partition-alone', 'Part one host from others', host, hosts, {
    key: 'only',
    label: 'What is cut',
    type: 'choice',
    options: [
      ['', 'both directions'],
      ['in', 'what it is sent'],
      ['out', 'what it sends'],
    ],
    optional: true,
  }),
  lasting(PARTS, 'partition-halves', 'Part two halves', hosts),
  lasting(PARTS, 'partition-minority', 'Part a minority', hosts),
  lasting(PARTS, 'partition-ring', 'Each hears its neighbours in a ring', hosts),
  lasting(PARTS, 'partition-bridge', 'Two halves that share one host', hosts),
  lasting(PARTS, 'partition-segment', 'Part a segment', { key: 'segment', label: 'Segment', type: 'segment' }),
  lasting(PARTS, 'link-down', 'Cut between two machines', pair),
  lasting(PARTS, 'link-flap', 'Flap between two machines', pair, text('up', 'Up for', '2s'), text('down', 'Down for', '500ms')),
  lasting(FABRIC, 'trunk-cut', 'Cut a trunk', { key: 'trunk', label: 'Trunk', type: 'trunk' }),
  lasting(FABRIC, 'router-down', 'Take the power from a router', { key: 'router', label: 'Router', type: 'router' }),
  lasting(FABRIC, 'multicast-leak', 'Leak multicast', { key: 'segments', label: 'From and to', type: 'segments' }),
  lasting(HOST, 'host-crash', 'Crash', host, { key: 'torn', label: 'Half of a write is left', type: 'yes', optional: true }),
  lasting(HOST, 'crash-at-write', 'Crash at a write', host, optional('does', 'Only operations that begin with'), {
    key: 'done',
    label: 'After it took effect',
    type: 'yes',
  }),
  lasting(HOST, 'crash-wipe', 'Crash, and boot with an empty disk', host),
  lasting(HOST, 'new-address', 'Crash, and boot with another address', host, text('address', 'Address', '10.0.1.99')),
  lasting(HOST, 'host-pause', 'Pause all processes', host),
  lasting(HOST, 'cpu-delay', 'Slow processes down', host, ...range('0s', '50ms'), {
    key: 'only',
    label: 'What is late',
    type: 'choice',
    options: [
      ['', 'all that comes'],
      ['network', 'what the network brings'],
    ],
    optional: true,
  }),
  sudden(HOST, 'process-restart', 'Restart programs', host, of),
  lasting(HOST, 'restart-storm', 'Restart one host after another', hosts, text('every', 'Every', '2s'), of),
  lasting(
    HOST,
    'signal',
    'Send a signal',
    host,
    {
      key: 'signal',
      label: 'Signal',
      type: 'choice',
      options: ['TERM', 'INT', 'HUP', 'KILL'].map((each) => [each, each] as const),
    },
    of,
  ),
  sudden(HOST, 'revive', 'Start what has ended again', host),
  sudden(HOST, 'command', 'Type a command', host, text('run', 'Command', 'serf members')),
  sudden(CLOCK, 'clock-jump', 'Set the wall clock', host, text('by', 'Forward by', '-5s')),
  sudden(CLOCK, 'clock-drift', 'Let clock and timers drift', host, text('drift', 'By', '500ppm')),
  lasting(DISK, 'disk-stall', 'Stall its disk', host),
  lasting(DISK, 'disk-delay', 'Slow its disk down', host, ...range('5ms', '50ms')),
  lasting(DISK, 'disk-full', 'Fill its disk up', host),
  lasting(DISK, 'disk-error', 'Let its disk fail', host, rate(0.1)),
  lasting(DISK, 'disk-lie', 'Let its disk lose syncs', host, rate(1)),
  sudden(DISK, 'disk-wipe', 'Give it an empty disk', host),
  sudden(DISK, 'corrupt-record', 'Damage a record on its disk', host, text('file', 'File', '/var/lib/kvd/raft/log'), {
    key: 'record',
    label: 'Record, −1 for the last',
    type: 'number',
    value: -1,
  }),
  lasting(
    AIM,
    'aimed',
    'Strike whoever …',
    {
      key: 'aim',
      label: 'Whom',
      type: 'choice',
      options: [
        ['leader', 'leads'],
        ['follower', 'follows'],
        ['newest', 'came last'],
        ['probed', 'is probed'],
        ['suspected', 'is suspected'],
        ['subject', 'it happens to'],
      ],
    },
    {
      key: 'upon',
      label: 'When',
      type: 'choice',
      options: [
        ['', 'at once'],
        ['election', 'one is elected next'],
        ['campaign', 'one campaigns next'],
        ['vote', 'one votes next'],
        ['commit', 'an entry is committed next'],
        ['snapshot', 'a snapshot is made next'],
        ['change', 'members change next'],
        ['suspicion', 'one is suspected next'],
        ['start', 'a program starts next'],
      ],
      optional: true,
    },
    optional('after', 'And so much later'),
    { key: 'does', label: 'Blow', type: 'blow' },
  ),
];

/** What can be done to whoever is aimed at, with no more to be said. */
export const BLOWS: readonly (readonly [kind: string, name: string])[] = [
  ['host-crash', 'crash'],
  ['host-pause', 'pause'],
  ['partition-alone', 'part it from all others'],
  ['process-restart', 'restart its programs'],
  ['disk-stall', 'stall its disk'],
  ['disk-lie', 'lose its syncs'],
  ['crash-wipe', 'crash, and empty its disk'],
];

/** Values by their keys, as a scenario would write them. */
export type Values = Readonly<Record<string, unknown>>;

/** What there is that things can be done to. */
export interface Targets {
  readonly hosts: readonly string[];
  readonly routers: readonly string[];
  readonly segments: readonly string[];
  readonly trunks: readonly (readonly [string, string])[];
}

export function targetsOf({ nodes, segments, switches = [], trunks = [] }: Topology, isHost: (node: number) => boolean): Targets {
  const names = (host: boolean) => nodes.flatMap(({ name }, node) => (isHost(node) === host ? [name] : []));
  const nameOf = (place: number): string => switches[place]?.name ?? '';
  return {
    hosts: names(true),
    routers: names(false),
    segments: segments.map(({ name }) => name),
    trunks: trunks.map(({ between: [one, other] }) => [nameOf(one), nameOf(other)]),
  };
}

/** What can be done in such a world. */
export const deedsFor = ({ hosts, routers, segments, trunks }: Targets): readonly DeedKind[] =>
  DEEDS.filter(({ kind, fields }) => {
    if (kind === 'trunk-cut') return trunks.length > 0;
    if (kind === 'router-down') return routers.length > 0;
    if (kind === 'multicast-leak' || kind === 'partition-segment') return segments.length > 1;
    if (kind === 'partition-ring' || kind === 'partition-bridge') return hosts.length > 2;
    return hosts.length > 1 || fields.every(({ type }) => type !== 'pair' && type !== 'hosts' && type !== 'sides');
  });

/** The values that a deed has at first, about a host and another one. */
export function valuesAtFirst(
  { kind, fields }: DeedKind,
  { hosts, routers, segments, trunks }: Targets,
  of: string,
  other: string,
): Values {
  const first = ({ key, type, value, options }: Field): unknown => {
    switch (type) {
      case 'host':
        return of;
      case 'machine':
        if (key === 'instead') return hosts.find((name) => name !== of && name !== other) ?? of;
        return key === 'to' ? other : of;
      case 'router':
        return routers[0];
      case 'segment':
        return segments[0];
      case 'segments':
        return segments.slice(0, 2);
      case 'trunk':
        return trunks[0];
      case 'pair':
        return [of, other];
      case 'hosts':
        return kind === 'partition-alone' ? hosts.filter((name) => name !== of) : hosts;
      case 'sides':
        return [[of], hosts.filter((name) => name !== of)];
      case 'choice':
        return options?.[0]?.[0];
      case 'blow':
        return { kind: 'host-crash' };
      case 'yes':
        return value ?? false;
      default:
        return value;
    }
  };
  return Object.fromEntries(fields.map((field) => [field.key, first(field)]));
}

/** An intervention as a scenario writes it, without its times: what is empty and may be left out is. */
export function deedInput({ kind, fields }: DeedKind, values: Values): object {
  const given = fields.flatMap(({ key, optional: may }) => {
    const value = values[key];
    return may === true && (value === '' || value === false || value === undefined) ? [] : [[key, value]];
  });
  return { kind, ...Object.fromEntries(given) };
}

/** A point of a picture. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Which of some points lie on the one side of a line that was dragged, and which on the other; undefined when it parts nothing.
 */
export function sidesOf(points: readonly Point[], from: Point, to: Point): readonly [number[], number[]] | undefined {
  const sides: readonly [number[], number[]] = [[], []];
  for (const [place, { x, y }] of points.entries()) {
    const turn = (to.x - from.x) * (y - from.y) - (to.y - from.y) * (x - from.x);
    sides[turn > 0 ? 0 : 1].push(place);
  }
  return sides.every((side) => side.length > 0) ? sides : undefined;
}

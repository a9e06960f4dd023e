import type { Address } from '../../core/address.ts';
import { add, type Duration, type Instant, microseconds, milliseconds, nanoseconds, seconds } from '../../core/time.ts';
import { gossips, hasRaft } from '../check/commands.ts';
import { type Aim, type Blow, type Intervention, LINK_BLOWS, type Moment } from '../intervention/intervention.ts';
import type { Plan } from '../scenario/plan.ts';
import { freeAddresses } from './addresses.ts';
import type { Dice } from './dice.ts';
import type { Exploration } from './exploration.ts';
import type { FaultKind } from './kinds.ts';

interface During {
  readonly at: Instant;
  readonly until: Instant;
}

/** How long faults last, about: from a glitch to longer than any timer. Each run has two of these, so that there are runs of glitches. */
const SCALES: readonly Duration[] = [milliseconds(100), milliseconds(600), seconds(2), seconds(5), seconds(12)];
/** How long packets, writes and inputs are late at most, about. */
const DELAYS: readonly Duration[] = [milliseconds(2), milliseconds(20), milliseconds(200), seconds(1), seconds(4)];
/** How long after a moment a blow falls. */
const AFTER: readonly Duration[] = [nanoseconds(0), microseconds(200), ...[1, 3, 10, 40, 200, 900].map(milliseconds)];

/** So many of the addresses of a subnet are given to hosts that come back with another one. */
const ADDRESSES = 16;

/** What a snapshot is taken by. */
const TAKE_SNAPSHOT = 'raft snapshot';

/** Blows that wait for a disk to be asked for something. */
const ON_DISK: ReadonlySet<string> = new Set(['crash-at-write', 'disk-stall', 'disk-delay']);

/** What a moment is a part of. */
const MOMENTS = {
  raft: ['election', 'campaign', 'vote', 'commit', 'snapshot', 'change'],
  gossip: ['suspicion'],
  any: ['start'],
} as const satisfies Record<string, readonly Moment[]>;

/** Draws faults of one run, by their kinds. */
export class Faults {
  private readonly plan: Plan;
  private readonly exploration: Exploration;
  private readonly dice: Dice;
  /** Servers and agents, and all hosts. */
  private readonly hosts: readonly string[];
  private readonly all: readonly string[];
  private readonly scales: readonly Duration[];
  private readonly delays: readonly Duration[];
  private readonly moments: readonly Moment[];
  private readonly blows: readonly Blow['kind'][];
  /** Files that are worth a crash. */
  private readonly verbs: readonly (string | undefined)[];
  /** Whether a leader may be aimed at. */
  private readonly isLed: boolean;
  /** Those that may come back with an empty disk. */
  private readonly forgetful: readonly string[];
  /** When something begins: those who take part have more to do from then on. */
  private readonly steps: readonly Instant[];
  /** Addresses that were given in this run. */
  private readonly given = new Set<Address>();

  constructor(plan: Plan, exploration: Exploration, dice: Dice) {
    this.plan = plan;
    this.exploration = exploration;
    this.dice = dice;
    this.hosts = exploration.hosts;
    this.all = plan.hosts.map(({ name }) => name);
    // Two agents or three have nothing to say to each other for most of a second.
    const scales = gossips(plan) ? SCALES.slice(this.hosts.length <= 3 ? 2 : 1) : SCALES;
    this.scales = [dice.pick(scales), dice.pick(scales)];
    this.delays = [dice.pick(DELAYS), dice.pick(DELAYS)];
    const [raft, gossip] = [hasRaft(plan), gossips(plan)];
    this.moments = [...MOMENTS.any, ...(raft ? MOMENTS.raft : []), ...(gossip ? MOMENTS.gossip : [])];
    const allowed = (kinds: readonly Blow['kind'][]) => kinds.filter((kind) => exploration.kinds.includes(kind as FaultKind));
    this.blows = allowed([
      'host-crash',
      'host-crash',
      'host-pause',
      'cpu-delay',
      'process-restart',
      'signal',
      'partition-alone',
      'partition-alone',
    ]);
    if (exploration.writes) this.blows = [...this.blows, ...allowed(['crash-at-write', 'disk-stall', 'disk-delay'])];
    const { from, until } = exploration.chaos;
    this.isLed = raft && this.hosts.length > 1 && exploration.kinds.includes('at-leader');
    this.forgetful = dice.shuffled(this.hosts).slice(0, exploration.forgetful);
    this.steps = [...new Set([from, ...plan.timeline.map(({ at }) => at)])].filter((at) => at >= from && at < until);
    // Logs are appended to; they are seldom written anew or cut.
    this.verbs = [undefined, undefined, 'sync', 'sync', 'append', 'append', 'replace', 'truncate'];
  }

  /** Faults of a kind: one, or those that belong together; none where the world has nothing of the sort. */
  draw(kind: FaultKind): Intervention[] {
    const { dice, plan } = this;
    const during = this.during();
    const { at } = during;
    const host = dice.pick(this.hosts);
    // Followers have nothing to say to each other.
    const link = this.isLed ? LINK_BLOWS.find((each) => each === kind) : undefined;
    if (link !== undefined && dice.chance(0.5)) return [{ kind: 'aimed', aim: 'leader', does: this.onLinks(link), ...during }];
    switch (kind) {
      case 'link-loss':
      case 'link-corrupt':
        return this.ways().map((way) => ({ kind, ...way, rate: dice.rate(), ...during }));
      case 'link-burst':
        return this.ways().map((way) => ({
          kind,
          ...way,
          enter: 0.02,
          leave: dice.pick([0.02, 0.1, 0.3]),
          rate: 0.95,
          ...during,
        }));
      case 'link-delay':
        return this.ways().map((way) => ({ kind, ...way, ...this.late(), ...during }));
      case 'link-reorder':
      case 'link-duplicate':
        return this.ways().map((way) => ({ kind, ...way, rate: dice.rate(), ...this.late(), ...during }));
      case 'link-misdelivery': {
        const [from, to, instead] = dice.shuffled(this.hosts);
        return instead === undefined
          ? []
          : [{ kind, from: from as string, to: to as string, instead, rate: dice.rate(), ...during }];
      }
      case 'link-bandwidth':
        return this.ways().map((way) => ({
          kind,
          ...way,
          bandwidth: dice.pick([16_000, 64_000, 256_000]),
          queue: dice.pick([4_096, 65_536]),
          ...during,
        }));
      case 'link-mtu':
        return this.ways().map((way) => ({ kind, ...way, mtu: dice.pick([68, 80, 96, 120, 200, 576]), ...during }));
      case 'link-cut':
        return this.ways().map((way) => ({ kind, ...way, ...during }));
      case 'link-down':
        return [{ kind, between: this.two(), ...during }];
      case 'link-flap':
        return [{ kind, between: this.two(), up: dice.about(this.scale()), down: dice.about(this.scale()), ...during }];
      case 'partition':
        return [{ kind, groups: this.groups(), ...during }];
      case 'partition-halves':
      case 'partition-minority':
      case 'partition-ring':
      case 'partition-bridge':
        return [{ kind, hosts: dice.shuffled(this.hosts), ...during }];
      case 'partition-alone':
        return [{ kind, host, ...this.aloneFrom(host), ...during }];
      case 'partition-segment':
        return [{ kind, segment: dice.pick(plan.topology.segments).name, ...during }];
      case 'trunk-cut': {
        const { trunks = [], switches = [] } = plan.topology;
        if (trunks.length === 0) return [];
        const [one, other] = dice.pick(trunks).between;
        return [{ kind, trunk: [switches[one]?.name ?? '', switches[other]?.name ?? ''], ...during }];
      }
      case 'router-down': {
        const routers = plan.topology.nodes.filter(({ name }) => !this.all.includes(name));
        return routers.length === 0 ? [] : [{ kind, router: dice.pick(routers).name, ...during }];
      }
      case 'multicast-leak': {
        const [from, to] = dice.shuffled(plan.topology.segments);
        return from === undefined || to === undefined ? [] : [{ kind, segments: [from.name, to.name], ...during }];
      }
      case 'new-address':
        return this.newAddress(host, during);
      case 'restart-storm':
        return [{ kind, hosts: dice.shuffled(this.hosts), every: dice.about(this.scale()), at, ...this.storm(during) }];
      case 'clock-jump':
        return [
          { kind, host, at, by: (dice.chance(0.5) ? 1 : -1) * dice.about(dice.pick([seconds(1), seconds(60), seconds(7200)])) },
        ];
      case 'clock-drift': {
        const { drift } = this.exploration;
        return [{ kind, host, at, drift: dice.below(2 * drift + 1) - drift }];
      }
      case 'disk-full':
        return [{ kind, host, ...this.longer(during) }];
      case 'disk-error':
      case 'disk-lie':
        return [{ kind, host, rate: dice.rate(), ...this.longer(during) }];
      case 'crash-wipe':
        return this.forgetful.length === 0 ? [] : [{ kind, host: dice.pick(this.forgetful), ...during }];
      case 'disk-wipe':
        return this.forgetful.length === 0 ? [] : [{ kind, host: dice.pick(this.forgetful), at }];
      case 'corrupt-record':
        return [{ kind, host, at, file: this.file(host), record: -1 - dice.below(5) }];
      case 'command':
        return [];
      case 'at-leader':
      case 'at-follower':
      case 'at-newest':
      case 'at-probed':
      case 'at-suspected':
      case 'at-subject':
        return this.aimed(kind.slice('at-'.length) as Aim, during);
      default:
        return [this.blow(kind, host, during)];
    }
  }

  private blow(kind: Blow['kind'], host: string, drawn: During): Intervention {
    const during = ON_DISK.has(kind) ? this.longer(drawn) : drawn;
    const times = kind === 'process-restart' ? { at: during.at } : during;
    return { ...this.does(kind, host, during), host, ...times } as Intervention;
  }

  private does(kind: Blow['kind'], host: string, during: During): Blow {
    const { dice } = this;
    switch (kind) {
      case 'host-crash':
        return { kind, ...(dice.chance(0.3) ? { torn: true } : {}) };
      case 'cpu-delay':
        return { kind, ...this.late(), ...(dice.chance(0.5) ? { only: 'network' as const } : {}) };
      case 'disk-delay':
        return { kind, ...this.late() };
      case 'signal':
        return { kind, signal: dice.pick(['KILL', 'TERM', 'INT'] as const) };
      case 'partition-alone':
        return { kind, ...this.aloneFrom(host) };
      case 'crash-at-write': {
        const does = dice.pick(this.verbs);
        const off = Math.min(dice.about(this.scale()), this.exploration.chaos.until - during.until);
        return {
          kind,
          ...(does === undefined ? {} : { does }),
          ...(dice.chance(0.5) ? { after: dice.below(8) } : {}),
          done: dice.chance(0.5),
          for: Math.max(milliseconds(1), off) as Duration,
        };
      }
      default:
        return { kind } as Blow;
    }
  }

  /** At somebody, at an instant or upon a moment; upon a moment it waits for it for longer. */
  private aimed(aim: Aim, during: During): Intervention[] {
    const { dice, blows } = this;
    if (blows.length === 0) return [];
    const does = this.strikes(dice.pick(blows), during);
    const upon = aim === 'subject' || dice.chance(0.4) ? dice.pick(this.moments) : undefined;
    // Nobody is suspected most of the time.
    const moment = aim === 'suspected' && dice.chance(0.8) ? 'suspicion' : upon;
    if (moment === undefined) return [{ kind: 'aimed', aim, does, ...during }];
    const { chaos } = this.exploration;
    const after = dice.pick(AFTER);
    const until = Math.min(chaos.until, add(during.until, dice.about(seconds(8)))) as Instant;
    const strategy: Intervention = {
      kind: 'aimed',
      aim,
      does,
      upon: moment,
      ...(after > 0 ? { after } : {}),
      at: during.at,
      until,
    };
    return dice.chance(0.8) ? [strategy, ...this.causes(moment, { at: during.at, until })] : [strategy];
  }

  /** What is done to whoever it is: a blow, or something that befalls its links, as links elsewhere may have nothing to carry. */
  private strikes(kind: Blow['kind'], during: During): Blow {
    const { dice } = this;
    const onLinks = LINK_BLOWS.filter((each) => this.exploration.kinds.includes(each));
    if (this.hosts.length < 2 || onLinks.length === 0 || dice.chance(0.6)) return this.does(kind, '', during);
    return this.onLinks(dice.pick(onLinks));
  }

  private onLinks(kind: (typeof LINK_BLOWS)[number]): Blow {
    const { dice } = this;
    const links = { hosts: this.hosts, only: dice.pick(['in', 'out'] as const) };
    switch (kind) {
      case 'link-loss':
      case 'link-corrupt':
        return { kind, ...links, rate: dice.rate() };
      case 'link-delay':
        return { kind, ...links, ...this.late() };
      case 'link-reorder':
      case 'link-duplicate':
        return { kind, ...links, rate: dice.rate(), ...this.late() };
    }
  }

  /** What brings a moment about that seldom comes by itself, begun in this time; nothing where the kinds that are tried have nothing that does. */
  private causes(moment: Moment, { at: from, until }: During): Intervention[] {
    const { dice } = this;
    const { kinds, workload, chaos } = this.exploration;
    const at = dice.instant(from, until);
    const host = dice.pick(this.hosts);
    const lasting = { at, until: Math.min(chaos.until, add(at, dice.about(seconds(6)))) as Instant };
    switch (moment) {
      case 'start':
        return kinds.includes('process-restart') ? [{ kind: 'process-restart', host, at }] : [];
      case 'suspicion':
        return kinds.includes('host-pause') ? [{ kind: 'host-pause', host, ...lasting }] : [];
      case 'election':
      case 'campaign':
      case 'vote':
        return kinds.includes('at-leader') ? [{ kind: 'aimed', aim: 'leader', does: { kind: 'host-pause' }, ...lasting }] : [];
      case 'snapshot':
        return kinds.includes('command') && workload.some(({ run }) => run === TAKE_SNAPSHOT)
          ? [{ kind: 'command', host, run: TAKE_SNAPSHOT, at }]
          : [];
      default:
        return [];
    }
  }

  /** It boots with an address of the same subnet that nobody has. */
  private newAddress(host: string, during: During): Intervention[] {
    const node = this.plan.topology.nodes.findIndex(({ name }) => name === host);
    const free = freeAddresses(this.plan.topology, node, ADDRESSES).filter((each) => !this.given.has(each));
    if (free.length === 0) return [];
    const address = this.dice.pick(free);
    this.given.add(address);
    return [{ kind: 'new-address', host, address, ...during }];
  }

  private during(): During {
    const { dice } = this;
    const { from, until } = this.exploration.chaos;
    const at = dice.instant(dice.chance(0.5) ? dice.pick(this.steps) : from, until);
    return { at, until: Math.min(add(at, dice.about(this.scale())), until) as Instant };
  }

  /** Disks have nothing to do most of the time. */
  private longer({ at, until }: During): During {
    const least = this.dice.chance(0.7) ? add(at, this.dice.about(seconds(4))) : until;
    return { at, until: Math.min(this.exploration.chaos.until, Math.max(until, least)) as Instant };
  }

  private storm({ until }: During): { until: Instant } {
    return { until: Math.min(add(until, seconds(5)), this.exploration.chaos.until) as Instant };
  }

  private scale(): Duration {
    return this.dice.pick(this.scales);
  }

  private late(): { readonly min: Duration; readonly max: Duration } {
    return this.dice.range(this.dice.pick(this.delays));
  }

  /** One direction, both, all that one host sends, or all that it hears. */
  private ways(): { readonly from: string; readonly to: string }[] {
    const { dice } = this;
    const [one, other] = this.two();
    const others = this.hosts.filter((name) => name !== one);
    switch (dice.below(6)) {
      case 0:
        return [
          { from: one, to: other },
          { from: other, to: one },
        ];
      case 1:
        return others.map((to) => ({ from: one, to }));
      case 2:
        return others.map((from) => ({ from, to: one }));
      default:
        return [{ from: one, to: other }];
    }
  }

  /** Two machines: mostly such that faults befall, now and then another one. */
  private two(): [string, string] {
    const { dice } = this;
    const one = dice.pick(this.hosts);
    const pool = dice.chance(0.15) || this.hosts.length < 2 ? this.all : this.hosts;
    const others = pool.filter((name) => name !== one);
    return [one, others.length === 0 ? one : dice.pick(others)];
  }

  private groups(): string[][] {
    const { dice } = this;
    const shuffled = dice.shuffled(dice.chance(0.5) ? this.hosts : this.all);
    const cut = 1 + dice.below(Math.max(1, shuffled.length - 1));
    return [shuffled.slice(0, cut), shuffled.slice(cut)];
  }

  /** From whom one is parted: from the other servers and agents, from all, or from some. */
  private aloneFrom(host: string): { readonly hosts: readonly string[]; readonly only?: 'in' | 'out' } {
    const { dice } = this;
    const others = this.hosts.filter((name) => name !== host);
    const some = dice.some(others, 0.6);
    const hosts = dice.pick([others, others, this.all.filter((name) => name !== host), some.length > 0 ? some : others]);
    const only = dice.pick([undefined, undefined, 'in', 'out'] as const);
    return { hosts, ...(only === undefined ? {} : { only }) };
  }

  private file(host: string): string {
    const step = this.plan.timeline.find((each) => each.type === 'run' && this.plan.topology.nodes[each.node]?.name === host);
    const program = step?.type === 'run' ? (step.line.trim().split(/\s+/)[0] ?? '') : '';
    return program === 'kvd' ? '/var/lib/kvd/raft/log' : `/var/lib/${program}/log`;
  }
}

import { type Address, formatAddress } from '../address.ts';
import { unreachable } from '../assert.ts';
import type { Endpoint, Names } from '../names.ts';
import type { Boot, Out, Protocol, Socket, SocketSpec } from '../protocol.ts';
import { add, type Instant, milliseconds, minutes, START, seconds } from '../time.ts';
import { type DnsMessage, type DnsRecord, isDnsMessage, querySize, responseSize } from './dns.ts';
import { SERF_QUIRKS, type SerfQuirks } from './quirks.ts';

/** 224.0.0.251, where multicast DNS is spoken: link-local, so no router passes it on (RFC 6762 §3). */
export const MDNS_GROUP = 0xe0_00_00_fb as Address;
export const MDNS_PORT = 5353;

/** From one question to the next. */
const POLL_INTERVAL = minutes(1);
/** How long the answers to a question are listened to. */
const COLLECTING = seconds(1);
/** How long no new member may answer until those that did are dialled. */
const QUIET = milliseconds(100);

const SERVER = 0 as Socket;
const CLIENT = 1 as Socket;
const Timer = { poll: 0, batch: 1 } as const;

export interface DiscoveryConfig {
  /** Who calls a cluster by this name finds each other, and nobody else. */
  readonly cluster: string;
  /** The member's name. */
  readonly node: string;
  /** The host's name. */
  readonly host: string;
  /** Where others are told to reach this member. */
  readonly advertised: Endpoint;
  readonly names: Names;
  /** As agents are that people run, unless said otherwise. */
  readonly quirks?: SerfQuirks;
  /** Whether the host speaks IPv6 too, but has no way to multicast by it. */
  readonly ipv6Unreachable?: boolean;
  /** Whether it asks by IPv4 at all, and does not only answer; it does unless said otherwise. */
  readonly asks?: boolean;
}

/** Nobody was there: these addresses may be dialled again when they answer again. */
export interface DiscoveryCommand {
  readonly command: 'retry';
  readonly addresses: readonly Endpoint[];
}

export interface DiscoveryState {
  /** Until when answers to the last question count. */
  collectingUntil: Instant;
  /** The addresses that are not dialled again. In the original that is every one that ever was, whether or not anybody was there. */
  readonly seen: Set<Endpoint>;
  /** Those that answered and are about to be dialled. */
  batch: Endpoint[];
}

/** Announced when members were found that were not seen before: they are to be joined. */
export interface DiscoveredNotice {
  readonly type: 'discovered';
  readonly addresses: readonly Endpoint[];
}

/** What the numbers in its messages and notices stand for. */
export const DISCOVERY_MEANINGS: Readonly<Record<string, 'address' | 'endpoint'>> = {
  'A.address': 'address',
  'discovered.addresses': 'endpoint',
};

/**
 * Finds the members of a cluster on the own segment by multicast DNS (RFC 6762, DNS-SD), as Serf agents do.
 *
 * At the start and then once a minute it asks everybody on the segment for members of its cluster, and announces those that it had
 * not heard of. It answers the same question of others, and its own. Whoever asks dials whoever answers: in the original also itself,
 * and everybody once and never again, also when that failed.
 */
export class Discovery implements Protocol<DnsMessage, DiscoveryCommand> {
  readonly state: DiscoveryState = { collectingUntil: START, seen: new Set(), batch: [] };
  readonly cells: readonly string[] = [];
  readonly timers = Object.keys(Timer);

  private readonly names: Names;
  private readonly quirks: SerfQuirks;
  private readonly ipv6Unreachable: boolean;
  private readonly asks: boolean;
  private readonly advertised: Endpoint;
  private readonly group: Endpoint;
  private readonly service: string;
  private readonly instance: string;
  private readonly host: string;
  private readonly answers: readonly DnsRecord[];

  constructor(config: DiscoveryConfig) {
    const { cluster, node, host, advertised, names } = config;
    this.names = names;
    this.quirks = config.quirks ?? SERF_QUIRKS['serf-0.10'];
    this.ipv6Unreachable = config.ipv6Unreachable ?? false;
    this.asks = config.asks ?? true;
    this.advertised = advertised;
    this.group = names.endpoint(MDNS_GROUP, MDNS_PORT);
    this.service = `_serf_${cluster}._tcp.local.`;
    this.instance = `${node}.${this.service}`;
    this.host = `${host}.`;
    const port = names.port(advertised);
    this.answers = [
      { type: 'PTR', name: this.service, target: this.instance },
      { type: 'SRV', name: this.instance, priority: 10, weight: 1, port, target: this.host },
      { type: 'A', name: this.host, address: names.address(advertised) },
      { type: 'TXT', name: this.instance, text: `Serf '${cluster}' cluster` },
    ];
  }

  start(now: Instant, _boot: Boot, out: Out<DnsMessage>): void {
    if (this.asks) this.poll(now, out);
  }

  receive(now: Instant, socket: Socket, from: Endpoint, message: DnsMessage, out: Out<DnsMessage>): void {
    if (!isDnsMessage(message)) return;
    switch (message.type) {
      case 'mdns query':
        if (socket === SERVER) this.answer(from, message.question, out);
        return;
      case 'mdns response':
        if (socket === CLIENT && now < this.state.collectingUntil) this.found(message.answers, out);
        return;
      default:
        return unreachable(message);
    }
  }

  timeout(now: Instant, kind: number, _subject: number, out: Out<DnsMessage>): void {
    if (kind === Timer.poll) this.poll(now, out);
    else if (kind === Timer.batch) this.dial(out);
  }

  /** It opens no streams and listens for none. */
  stream(): void {}

  command(_now: Instant, id: number, { addresses }: DiscoveryCommand, out: Out<DnsMessage>): void {
    if (!this.quirks.mdnsNoRetry) for (const address of addresses) this.state.seen.delete(address);
    out.reply(id, {});
  }

  /** It writes nothing. */
  written(): void {}

  private poll(now: Instant, out: Out<DnsMessage>): void {
    this.state.collectingUntil = add(now, COLLECTING);
    out.setTimer(Timer.poll, 0, POLL_INTERVAL);
    const sent = out.send(CLIENT, this.group, { type: 'mdns query', question: this.service }, querySize(this.service));
    if (!sent) return this.failed(`udp4 0.0.0.0->${formatAddress(MDNS_GROUP)}:${MDNS_PORT}`, out);
    if (!this.ipv6Unreachable || !this.quirks.mdnsV6Abort) return;
    // The question is on its way, but the original stops here, and does not hear the answers.
    this.state.collectingUntil = now;
    this.failed(`udp6 [::]->[ff02::fb]:${MDNS_PORT}`, out);
  }

  private failed(way: string, out: Out<DnsMessage>): void {
    out.log(`[ERR] agent.mdns: Failed to poll for new hosts: write ${way}: sendto: network is unreachable`);
  }

  /** Answers are for the one who asked, at the port it asked from. */
  private answer(to: Endpoint, question: string, out: Out<DnsMessage>): void {
    const answers = this.recordsFor(question);
    if (answers.length > 0) out.send(SERVER, to, { type: 'mdns response', answers }, responseSize(answers));
  }

  private recordsFor(question: string): readonly DnsRecord[] {
    switch (question) {
      case this.service:
        return this.answers;
      case this.instance:
        return this.answers.slice(1);
      case this.host:
        return this.answers.slice(2, 3);
      case '_services._dns-sd._udp.local.':
        return [{ type: 'PTR', name: question, target: this.service }];
      default:
        return [];
    }
  }

  private found(answers: readonly DnsRecord[], out: Out<DnsMessage>): void {
    const member = this.memberIn(answers);
    const { seen, batch } = this.state;
    if (member === undefined || seen.has(member)) return;
    if (member === this.advertised && !this.quirks.mdnsDialsSelf) return;
    if (!batch.includes(member)) batch.push(member);
    out.setTimer(Timer.batch, 0, QUIET);
  }

  /** Where the member is that an answer speaks of; undefined when it is of another service or incomplete. */
  private memberIn(answers: readonly DnsRecord[]): Endpoint | undefined {
    const instance = answers.find((record) => record.type === 'PTR' && record.name === this.service);
    if (instance?.type !== 'PTR') return undefined;
    const service = answers.find((record) => record.type === 'SRV' && record.name === instance.target);
    const text = answers.some((record) => record.type === 'TXT' && record.name === instance.target);
    if (service?.type !== 'SRV' || !text) return undefined;
    const address = answers.find((record) => record.type === 'A' && record.name === service.target);
    return address?.type === 'A' ? this.names.endpoint(address.address, service.port) : undefined;
  }

  private dial(out: Out<DnsMessage>): void {
    const addresses = this.state.batch;
    if (addresses.length === 0) return;
    this.state.batch = [];
    for (const address of addresses) this.state.seen.add(address);
    const notice: DiscoveredNotice = { type: 'discovered', addresses };
    out.announce(notice);
  }
}

/**
 * The sockets of `Discovery`: one that shares the port of multicast DNS with all others on the host, and one to ask from.
 *
 * @param on the interface to speak and listen on; the host's first when absent
 */
export function discoverySockets(on: string | undefined): readonly SocketSpec[] {
  const where = on === undefined ? {} : { interface: on };
  return [
    { transport: 'udp', port: MDNS_PORT, groups: [MDNS_GROUP], shared: true, ...where },
    { transport: 'udp', port: 0, multicastTtl: 1, ...where },
  ];
}

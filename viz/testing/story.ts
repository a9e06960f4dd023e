import { type Address, type Prefix, parseAddress, parsePrefix } from '../../core/address.ts';
import { type Endpoint, type NameId, Names } from '../../core/names.ts';
import { type Instant, microseconds, milliseconds } from '../../core/time.ts';
import { Kind, NOBODY } from '../../sim/engine/journal.ts';
import type { InterfaceSpec, LinkSpec, NodeSpec, SegmentSpec, Topology } from '../../sim/network/topology.ts';
import { Memory } from '../../sim/trace/sink.ts';
import { TraceWriter } from '../../sim/trace/writer.ts';

/** What happens in a story, written by its teller. */
interface Beat {
  /** Milliseconds. */
  readonly at: number;
  readonly kind: number;
  readonly node: number;
  readonly peer?: number;
  /** The beat that it follows from. */
  readonly cause?: Beat;
  readonly word?: string;
  readonly size?: number;
  readonly payload?: unknown;
  /** Values of cells that change with it: node, subject, field, value. */
  readonly cells?: readonly (readonly [number, string, string, string | number])[];
}

const LINK: LinkSpec = { delay: { type: 'constant', value: microseconds(50) }, loss: 0, duplicate: 0, corrupt: 0, mtu: 1500 };

const segment = (name: string, subnet: string, vlan?: number): SegmentSpec => ({
  name,
  ...(vlan === undefined ? {} : { vlan }),
  subnets: [parsePrefix(subnet) as Prefix],
  link: LINK,
  multicast: 'flood',
  broadcast: 'flood',
});

const on = (place: number, address: string, length: number, name = 'eth0'): InterfaceSpec => ({
  name,
  segment: place,
  port: { mode: 'access' },
  addresses: [{ address: parseAddress(address) as Address, length }],
});

const node = (name: string, forwarding: boolean, ...interfaces: readonly InterfaceSpec[]): NodeSpec => ({
  name,
  forwarding,
  interfaces,
  routes: [],
});

/** Two VLANs, three routers between them, as in the first shipped scenario. */
const TOPOLOGY: Topology = {
  segments: [
    segment('vlan2603', '10.54.222.128/26', 2603),
    segment('vlan2224', '10.91.83.0/26', 2224),
    segment('core-a', '10.0.80.0/30'),
    segment('core-b', '10.0.80.4/30'),
  ],
  nodes: [
    node('serf-test01', false, on(0, '10.54.222.131', 26)),
    node('serf-test02', false, on(0, '10.54.222.132', 26)),
    node('serf-test03', false, on(0, '10.54.222.133', 26)),
    node('serf-test00', false, on(1, '10.91.83.2', 26)),
    node('bcr-a', true, on(0, '10.54.222.129', 26), on(2, '10.0.80.1', 30, 'eth1')),
    node('core', true, on(2, '10.0.80.2', 30), on(3, '10.0.80.5', 30, 'eth1')),
    node('bcr-b', true, on(1, '10.91.83.1', 26), on(3, '10.0.80.6', 30, 'eth1')),
  ],
};

const [T1, T2, T3, T0, A, C, B] = [0, 1, 2, 3, 4, 5, 6] as const;
const ADDRESSES = ['10.54.222.131', '10.54.222.132', '10.54.222.133', '10.91.83.2'];
/** One crossing of a wire, in milliseconds. */
const HOP = 0.05;

/**
 * A short run in which everything that the viewer draws occurs: discovery by multicast that stays in its VLAN, pings across three
 * routers, a loss, a crash, a paused process, an intervention, and verdicts of each sort. Told by hand, so that tests of the viewer know
 * what it must show.
 */
class Story {
  readonly names = new Names();
  readonly beats: Beat[] = [];

  tell(): void {
    for (const each of TOPOLOGY.nodes.keys()) this.beat({ at: 0, kind: Kind.boot, node: each });
    this.agent(T1, 0, 1);
    this.discovery(T1, 1, []);
    this.member(1, T1, 'serf-test01', 'alive');
    this.agent(T2, 1000, 2);
    this.discovery(T2, 1001, [T1]);
    for (const [observer, subject] of [
      [T2, 'serf-test02'],
      [T2, 'serf-test01'],
      [T1, 'serf-test02'],
    ] as const) {
      this.member(1100, observer, subject, 'alive');
    }
    this.agent(T3, 1400, 3);
    this.discovery(T3, 1401, [T1, T2]);
    for (const observer of [T3, T1, T2]) this.member(1500, observer, 'serf-test03', 'alive');
    for (const subject of ['serf-test01', 'serf-test02']) this.member(1500, T3, subject, 'alive');
    this.agent(T0, 2000, 4);
    this.discovery(T0, 2001, []);
    this.member(2100, T0, 'serf-test00', 'alive');
    for (let round = 0; round < 12; round++)
      this.ping(3000 + 200 * round, [T1, T2, T3][round % 3] as number, [T2, T3, T1][round % 3] as number);
    this.trip();
    this.fall();
    this.verdicts();
    this.beats.sort((a, b) => a.at - b.at);
  }

  private beat(beat: Beat): Beat {
    this.beats.push(beat);
    return beat;
  }

  private member(at: number, observer: number, subject: string, status: string): void {
    const cells = [[observer, subject, 'status', status]] as const;
    this.beat({
      at,
      kind: Kind.notice,
      node: observer,
      word: `member-${status}`,
      payload: { type: `member-${status}`, member: subject },
      cells,
    });
  }

  private agent(host: number, at: number, process: number): void {
    const line = 'serf agent -iface=eth0 -discover=test-cluster';
    const typed = this.beat({ at, kind: Kind.command, node: host, payload: { job: process, line } });
    this.beat({ at, kind: Kind.start, node: host, word: 'serf', cause: typed, payload: { process, command: line } });
    for (const text of ['==> Starting Serf agent...', '==> Starting Serf agent RPC...', '==> Serf agent running!']) {
      this.beat({ at: at + 0.4, kind: Kind.output, node: host, cause: typed, payload: { job: process, text } });
    }
  }

  /** A question to the VLAN; whoever runs an agent there answers. */
  private discovery(host: number, at: number, answering: readonly number[]): void {
    const vlan = host === T0 ? [B] : [T1, T2, T3, A].filter((each) => each !== host);
    const query = this.packet(host, '224.0.0.251:5353', 'mdns query', 'udp');
    const sent = this.beat({ at, kind: Kind.send, node: host, word: 'mdns query', size: 74, payload: query });
    vlan.forEach((receiver, i) => {
      const kind = receiver === A || receiver === B ? Kind.drop : Kind.deliver;
      const word = kind === Kind.drop ? 'port-unreachable' : 'mdns query';
      const heard = this.beat({
        at: at + HOP + i * 0.004,
        kind,
        node: receiver,
        peer: host,
        cause: sent,
        word,
        size: 74,
        payload: query,
      });
      if (answering.includes(receiver)) this.cross(receiver, host, at + 0.2 + i * 0.004, 'mdns answer', 212, heard);
    });
  }

  private ping(at: number, from: number, to: number): void {
    const timer = this.beat({ at, kind: Kind.timer, node: from, word: 'probe', payload: { process: from + 1, subject: to } });
    const arrived = this.cross(from, to, at, 'ping', 49, timer);
    this.cross(to, from, arrived.at, 'ack', 38, arrived);
  }

  /** One packet inside a VLAN. */
  private cross(from: number, to: number, at: number, word: string, size: number, cause: Beat): Beat {
    const payload = this.packet(from, `${ADDRESSES[to]}:7946`, word, 'udp');
    const sent = this.beat({ at, kind: Kind.send, node: from, peer: to, word, size, payload, cause });
    return this.beat({ at: at + HOP, kind: Kind.deliver, node: to, peer: from, word, size, payload, cause: sent });
  }

  /** An echo request over all routers, and its answer. */
  private trip(): void {
    const typed = this.beat({ at: 5600, kind: Kind.command, node: T0, payload: { job: 9, line: 'ping -c1 10.54.222.131' } });
    const out = this.routed([T0, B, C, A, T1], 5600, 'echo request', typed);
    const back = this.routed([T1, A, C, B, T0], 5600.2, 'echo reply', out);
    for (const text of [
      'PING 10.54.222.131 (10.54.222.131) 56(84) bytes of data.',
      '64 bytes from 10.54.222.131: icmp_seq=1 ttl=61 time=0.400 ms',
    ]) {
      this.beat({ at: back.at, kind: Kind.output, node: T0, cause: back, payload: { job: 9, text } });
    }
  }

  private routed(way: readonly number[], start: number, word: string, cause: Beat): Beat {
    const [from, to] = [way[0] as number, way.at(-1) as number];
    const payload = this.packet(from, `${ADDRESSES[to]}:0`, word, 'icmp');
    let last = this.beat({ at: start, kind: Kind.send, node: from, peer: to, word, size: 84, payload, cause });
    way.slice(1).forEach((here, i) => {
      const end = i === way.length - 2;
      const kind = end ? Kind.deliver : Kind.forward;
      last = this.beat({
        at: start + HOP * (i + 1),
        kind,
        node: here,
        peer: end ? from : to,
        word,
        size: 84,
        payload,
        cause: last,
      });
    });
    return last;
  }

  /** A probe is lost, its target crashes, is suspected and declared failed; another host's agent is paused. */
  private fall(): void {
    this.beat({ at: 6000, kind: Kind.fault, node: T3, payload: { intervention: 0, does: 'serf-test03 crashes' } });
    this.beat({ at: 6000, kind: Kind.crash, node: T3 });
    const ping = this.packet(T1, `${ADDRESSES[T3]}:7946`, 'ping', 'udp');
    const sent = this.beat({ at: 6200, kind: Kind.send, node: T1, peer: T3, word: 'ping', size: 49, payload: ping });
    this.beat({ at: 6200, kind: Kind.drop, node: T1, peer: T3, word: 'loss', size: 49, payload: ping, cause: sent });
    const again = this.beat({ at: 6400, kind: Kind.send, node: T2, peer: T3, word: 'ping', size: 49, payload: ping });
    this.beat({ at: 6400 + HOP, kind: Kind.drop, node: T3, peer: T2, word: 'host-down', size: 49, payload: ping, cause: again });
    for (const observer of [T1, T2]) this.member(6700, observer, 'serf-test03', 'suspect');
    this.beat({ at: 7000, kind: Kind.pause, node: T2, word: 'serf', payload: { process: 2 } });
    this.beat({ at: 7600, kind: Kind.resume, node: T2, word: 'serf', payload: { process: 2 } });
    for (const observer of [T1, T2]) this.member(8000, observer, 'serf-test03', 'failed');
    this.beat({ at: 9000, kind: Kind.boot, node: T3 });
  }

  private verdicts(): void {
    const say = (at: number, check: string, verdict: string, says: string): void => {
      this.beat({ at, kind: Kind.verdict, node: NOBODY, word: verdict, payload: { check, verdict, says } });
    };
    say(5000, 'at 5s: serf-test01 sees serf-test01, 02, 03 alive', 'held', 'since 1.5 s');
    say(9500, 'members agree', 'violated', 'serf-test00 knows nothing of serf-test01 at 9.5 s');
    say(9500, 'a refutation is heard', 'inconclusive', 'never exercised');
  }

  private packet(from: number, to: string, type: string, transport: string): object {
    const [address, port] = to.split(':') as [string, string];
    const own = this.names.endpoint(parseAddress(ADDRESSES[from] as string) as Address, transport === 'icmp' ? 0 : 7946);
    const other: Endpoint = this.names.endpoint(parseAddress(address) as Address, Number(port));
    return { from: own, to: other, transport, message: { type } };
  }
}

/** The bytes of the story's trace. */
export function storyTrace(): Uint8Array {
  const story = new Story();
  const { names } = story;
  for (const { name } of TOPOLOGY.nodes) names.id(name);
  story.tell();
  const sink = new Memory();
  const writer = new TraceWriter({
    names,
    sink,
    turns: ['status'],
    header: {
      version: '0.1.0',
      engine: 'story',
      random: 'none',
      seed: 2603,
      scenario: { name: 'a story of two VLANs', text: '', hash: '' },
      nodes: TOPOLOGY.nodes.map(({ name }) => name),
      topology: TOPOLOGY,
      interventions: [],
      meanings: { from: 'endpoint', to: 'endpoint' },
    },
  });
  const ids = new Map<Beat, number>();
  const end = { id: 0, at: 0 };
  for (const beat of story.beats) {
    const id = ids.size + 1;
    ids.set(beat, id);
    const at = milliseconds(beat.at) as number as Instant;
    const cause = beat.cause === undefined ? 0 : (ids.get(beat.cause) ?? 0);
    const word: NameId = names.id(beat.word ?? '');
    writer.record(id as never, at, beat.kind, beat.node, beat.peer ?? NOBODY, cause as never, word, beat.size ?? 0, beat.payload);
    for (const [at0, subject, field, value] of beat.cells ?? [])
      writer.cell(id as never, at, at0, names.id(subject), names.id(field), value);
    end.at = at;
  }
  writer.close({ verdict: 'violated' }, milliseconds(10_000) as number as Instant);
  return sink.content();
}

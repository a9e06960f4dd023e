import { writeFileSync } from 'node:fs';
import { type Instant, milliseconds } from '../../core/time.ts';
import { Kind, type Sink } from '../../sim/engine/journal.ts';
import { type Packet, UDP_HEADERS } from '../../sim/network/packet.ts';
import { scenario } from '../../sim/scenario/load.ts';
import type { ScenarioInput } from '../../sim/scenario/schema.ts';
import { surroundings } from '../../sim/surroundings.ts';
import { World } from '../../sim/world.ts';
import { type Mode, rumours } from '../cluster.ts';

/** Serf agents on two segments with a router between them, half and half, for some virtual seconds. */
export interface Agents {
  readonly nodes: number;
  readonly mode: Mode;
  readonly seconds: number;
}

/** What agents sent: datagrams, and exchanges over TCP. */
export interface Traffic {
  readonly datagrams: number;
  readonly exchanges: number;
}

function input({ nodes, mode, seconds }: Agents): ScenarioInput {
  const segment = { latency: '100us..200us' };
  return {
    seed: 1,
    until: `${seconds}s`,
    start: 'converged',
    network: {
      segments: { left: { ...segment, subnet: '10.0.1.0/24' }, right: { ...segment, subnet: '10.0.2.0/24' } },
      routers: { router: { on: ['left', 'right'] } },
    },
    hosts: { l: { on: 'left', count: nodes / 2 }, r: { on: 'right', count: nodes / 2 } },
    timeline: [{ at: '0s', on: 'all', run: 'serf agent' }, ...rumours('l1', mode, seconds)],
  };
}

function run(agents: Agents, listen: readonly Sink[]): World {
  const { plan } = scenario(input(agents), surroundings);
  const world = new World(plan, { registry: surroundings.registry, listen: () => listen });
  world.simulation.runUntil(milliseconds(agents.seconds * 1_000) as number as Instant);
  return world;
}

/** Runs agents in this process as any user's scenario is run, to its fingerprint, and says it. */
export function serveAgents(agents: string): void {
  console.log(run(JSON.parse(agents), []).fingerprint());
}

/** A line of the file: when in nanoseconds, who, to whom, bytes there, and bytes back if it is an exchange. */
interface Line {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  bytes: number;
  reply: number;
}

const LINE_BYTES = 24;
const DATAGRAM = 0xffff_ffff;

/**
 * Writes down what agents send: each datagram, and each exchange over a stream, with its instant and its bytes.
 *
 * @returns what it comes to
 */
export function writeTraffic(agents: Agents, path: string): Traffic {
  const lines: Line[] = [];
  const exchanges = new Map<number, Line>();
  const sink: Sink = {
    record: (_id, at, kind, node, peer, _cause, _word, _size, payload) => {
      if (kind !== Kind.send || peer < 0) return;
      const { transport, bytes, header } = payload as Packet;
      if (transport === 'udp') lines.push({ at, from: node, to: peer, bytes: bytes - UDP_HEADERS, reply: DATAGRAM });
      if (header?.flag === 'syn') {
        const line: Line = { at, from: node, to: peer, bytes: 0, reply: 0 };
        exchanges.set(header.connection, line);
        lines.push(line);
      }
      const exchange = header?.flag === 'data' ? exchanges.get(header.connection) : undefined;
      if (exchange === undefined || header === undefined) return;
      if (node === exchange.from) exchange.bytes += header.payload;
      else exchange.reply += header.payload;
    },
    cell: () => undefined,
  };
  const { plan } = run(agents, [sink]);
  const place = new Map(plan.hosts.map(({ node }, index) => [node, index]));
  const view = new DataView(new ArrayBuffer(lines.length * LINE_BYTES));
  for (const [index, { at, from, to, bytes, reply }] of lines.entries()) {
    const start = index * LINE_BYTES;
    view.setBigUint64(start, BigInt(at), true);
    for (const [word, value] of [place.get(from), place.get(to), bytes, reply].entries())
      view.setUint32(start + 8 + 4 * word, value as number, true);
  }
  writeFileSync(path, view);
  const datagrams = lines.filter(({ reply }) => reply === DATAGRAM).length;
  return { datagrams, exchanges: lines.length - datagrams };
}

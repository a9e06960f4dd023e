import type { Address } from '../../core/address.ts';
import { Names } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import { Kind, NOBODY, type Sink } from '../engine/journal.ts';
import type { EventId } from '../engine/simulation.ts';
import type { TraceHeader } from './header.ts';

/*
 * Runs that nobody simulated: for tests of the trace alone, and to measure what it costs.
 */

export const SYNTHETIC_HEADER: TraceHeader = {
  version: '0.0.0',
  engine: 'none',
  random: 'none',
  seed: 1,
  scenario: { name: 'synthetic', text: '# nothing\n', hash: '0' },
  nodes: Array.from({ length: 10 }, (_, i) => `n${i}`),
  topology: { segments: [] },
  interventions: [],
  meanings: { 'ping.target': 'name', from: 'endpoint', to: 'endpoint' },
};

/** What a run handed to its sinks. */
export type Given =
  | {
      readonly type: 'record';
      readonly id: number;
      readonly at: number;
      readonly kind: number;
      readonly node: number;
      readonly peer: number;
      readonly cause: number;
      readonly word: string;
      readonly size: number;
      readonly payload: unknown;
    }
  | {
      readonly type: 'cell';
      readonly id: number;
      readonly at: number;
      readonly node: number;
      readonly subject: string;
      readonly field: string;
      readonly value: number | string;
    };

/** Hands a run to a sink; names are given as they occur. */
export function play(given: Iterable<Given>, names: Names, sink: Sink): void {
  for (const each of given) {
    const id = each.id as EventId;
    const at = each.at as Instant;
    if (each.type === 'cell') {
      sink.cell(id, at, each.node, names.id(each.subject), names.id(each.field), each.value);
    } else {
      const { kind, node, peer, size, payload } = each;
      sink.record(id, at, kind, node, peer, each.cause as EventId, names.id(each.word), size, payload);
    }
  }
}

/**
 * A run of so many records: ten nodes that ping each other with losses, print, start, crash and change their minds.
 *
 * @param pace nanoseconds from one event to the next, about
 */
export function* synthetic(records: number, pace = 100_000): Generator<Given> {
  const names = new Names();
  const endpoints = SYNTHETIC_HEADER.nodes.map((_, i) => names.endpoint((0x0a_00_00_01 + i) as Address, 7946));
  let id = 0;
  let at = 0;
  let random = 1;
  const draw = (below: number): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((random / 0x1_0000_0000) * below);
  };
  const record = (
    kind: number,
    node: number,
    peer: number,
    cause: number,
    word: string,
    size: number,
    payload?: unknown,
  ): Given => {
    id++;
    return { type: 'record', id, at, kind, node, peer, cause, word, size, payload };
  };
  const status = ['alive', 'suspect', 'dead'];
  for (let node = 0; node < 10 && id < records; node++) yield record(Kind.boot, node, NOBODY, 0, 'boot', 0);
  for (let round = 0; id < records; round++) {
    at += draw(2 * pace);
    const node = draw(10);
    const peer = (node + 1 + draw(9)) % 10;
    const message = {
      type: 'ping',
      sequence: round,
      target: peer,
      updates: draw(4) === 0 ? [{ type: 'alive', node, incarnation: 1 }] : [],
    };
    const packet = { from: endpoints[node], to: endpoints[peer], transport: 'udp', message };
    yield record(Kind.send, node, peer, 0, 'ping', 40 + draw(20), packet);
    const sent = id;
    at += draw(pace);
    if (id < records) {
      if (draw(10) === 0) yield record(Kind.drop, peer, node, sent, 'loss', 40, packet);
      else yield record(Kind.deliver, peer, node, sent, 'ping', 40, packet);
    }
    if (draw(3) === 0) {
      const value = draw(2) === 0 ? draw(1000) : (status[draw(3)] as string);
      yield { type: 'cell', id, at, node: peer, subject: `n${node}`, field: draw(50) === 0 ? 'role' : 'status', value };
    }
    if (round % 97 === 0 && id < records)
      yield record(Kind.output, node, NOBODY, sent, 'echo', 0, { job: 1, text: `round ${round}` });
    if (round % 499 === 0 && id < records) yield record(Kind.crash, node, NOBODY, 0, 'crash', 0);
    if (round % 1009 === 0 && id < records) {
      yield record(Kind.verdict, NOBODY, NOBODY, id, 'sanity', 0, { check: 'sanity', verdict: 'held', says: `round ${round}` });
    }
  }
}

/** Names with the endpoints that `synthetic` refers to. */
export function syntheticNames(): Names {
  const names = new Names();
  for (const [i] of SYNTHETIC_HEADER.nodes.entries()) names.endpoint((0x0a_00_00_01 + i) as Address, 7946);
  return names;
}

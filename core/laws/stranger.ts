import type { Address } from '../address.ts';
import type { Endpoint } from '../names.ts';
import type { Socket, StreamEvent, StreamId } from '../protocol.ts';
import { anything, damaged } from './garbage.ts';
import type { Member } from './member.ts';
import type { Streams } from './streams.ts';
import type { ClosedWorld } from './world.ts';
import type { Xoshiro } from './xoshiro.ts';

const STRANGERS = 4;

/** Somebody does something that nobody should: garbage on a socket, a timer or write that never was, an unknown stream. */
export function strange<M, C>(world: ClosedWorld<M, C>, streams: Streams<M, C>): void {
  const { random } = world;
  const member = random.pick(world.members);
  if (!member.up) return;
  const socket = random.integer(Math.max(1, world.subject.sockets.length)) as Socket;
  const what = random.fraction();
  if (what < 0.1) {
    const kind = random.integer(member.protocol.timers.length + 2) - 1;
    world.give(member, { type: 'timeout', kind, subject: oddNumber(random) });
  } else if (what < 0.15) {
    world.give(member, { type: 'written', write: oddNumber(random), outcome: random.pick(['ok', 'full', 'error'] as const) });
  } else if (what < 0.25) {
    world.give(member, {
      type: 'stream',
      stream: (2_000_000_000 + random.integer(9)) as StreamId,
      event: unknownEvent(world, member),
    });
  } else if (world.subject.sockets[socket]?.transport === 'stream') {
    const messages = Array.from({ length: random.integer(3) }, () => garbage(world, member));
    streams.intrude(member.place.index, socket, somebody(world, member), messages);
  } else {
    world.give(member, { type: 'receive', socket, from: somebody(world, member), message: garbage(world, member) });
  }
}

/** What no protocol should trust; of its type only by assertion. */
function garbage<M, C>({ random, subject, overheard }: ClosedWorld<M, C>, { place }: Member<M, C>): M {
  if (subject.message !== undefined && random.chance(0.3)) return subject.message(random, place) as M;
  return (overheard.length > 0 && random.chance(0.7) ? damaged(random.pick(overheard), random) : anything(random)) as M;
}

/** One of the nodes, or a stranger. */
function somebody<M, C>({ random, names }: ClosedWorld<M, C>, { place }: Member<M, C>): Endpoint {
  const endpoints = random.pick(place.neighbours).endpoints;
  return endpoints.length > 0 && random.chance(0.5)
    ? random.pick(endpoints)
    : names.endpoint((0x0a_00_01_01 + random.integer(STRANGERS)) as Address, 1024);
}

function unknownEvent<M, C>(world: ClosedWorld<M, C>, member: Member<M, C>): StreamEvent<M> {
  const type = world.random.pick(['opened', 'data', 'closed', 'reset', 'refused', 'unreachable', 'timed-out'] as const);
  return type === 'data' ? { type, message: garbage(world, member), bytes: 10 } : { type };
}

const oddNumber = (random: Xoshiro): number => random.pick([-1, 0, 1, 2, 3, 7, 100, 4_294_967_295, 2 ** 53]);

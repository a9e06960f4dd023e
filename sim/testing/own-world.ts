import type { Address } from '../../core/address.ts';
import type { Place, Subject } from '../../core/laws.ts';
import { Names } from '../../core/names.ts';
import { type Duration, formatDuration } from '../../core/time.ts';
import { quote } from '../host/shell/quote.ts';
import { Randomness } from '../rng.ts';
import type { EntryInput, ScenarioInput } from '../scenario/schema.ts';

/** A world of nodes of a protocol of one's own. */
export interface OwnWorldOptions {
  readonly nodes: number;
  readonly lasts: Duration;
  /** Commands that are given to nodes, if the protocol says what might be. */
  readonly commands: number;
  readonly seed: number | string;
}

const FIRST = 11;

/** A scenario of nodes of a protocol on one segment, to which somebody gives commands now and then. */
export function ownWorld(own: Subject<never, unknown>, { nodes, lasts, commands, seed }: OwnWorldOptions): ScenarioInput {
  const { name } = own;
  const hosts = Array.from({ length: nodes }, (_, index) => `n${index + 1}`);
  const line = [name, ...hosts.map((host, index) => `${host}=10.0.1.${FIRST + index}`)].join(' ');
  return {
    name,
    seed,
    network: { segments: { lan: { subnet: '10.0.1.0/24', latency: '1ms..5ms' } } },
    hosts: { n: { count: nodes, on: 'lan', address: `10.0.1.${FIRST}` } },
    timeline: [{ at: '0s', on: 'n', run: line }, ...given(own, { nodes, lasts, commands, seed })],
    until: formatDuration(lasts),
  };
}

/** Commands at any time in the first half. */
function given(
  { name, sockets, command }: Subject<never, unknown>,
  { nodes, lasts, commands, seed }: OwnWorldOptions,
): EntryInput[] {
  if (command === undefined) return [];
  const random = new Randomness(seed).stream('workload');
  const names = new Names();
  const neighbours = Array.from({ length: nodes }, (_, index) => ({
    name: names.id(`n${index + 1}`),
    endpoints: sockets.map(({ port }) => names.endpoint((0x0a_00_01_00 + FIRST + index) as Address, port)),
  }));
  const times = Array.from({ length: commands }, () => Math.floor((random.fraction() * lasts) / 2e6)).sort((a, b) => a - b);
  return times.map((at): EntryInput => {
    const index = random.integer(nodes);
    const place: Place = { index, names, random, neighbours };
    return { at: `${at}ms`, on: `n${index + 1}`, run: `${name} ask ${quote(JSON.stringify(command(random, place)))}` };
  });
}

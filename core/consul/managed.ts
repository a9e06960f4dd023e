import type { NameId } from '../names.ts';
import type { Rng } from '../random.ts';
import { type Duration, seconds } from '../time.ts';

/*
 * The servers that an agent asks, in its order: always the first, until that one fails (Consul's router.Manager). So agents that started together ask the same server, until
 * they shuffle their lists now and then.
 */

/** How long an agent asks the same server at least, and by how much it is longer at most. */
const LEAST_REUSE = seconds(120);
const JITTER = seconds(60);

/** New connections that rebalancing may bring one server in a second, of all agents together. */
const NEW_PER_SECOND = 64;

/** With one more, at the end: whoever is new is asked when the list is shuffled, or when those before have failed. */
export const withServer = (servers: readonly NameId[], server: NameId): readonly NameId[] =>
  servers.includes(server) ? servers : [...servers, server];

/** After a call to a server failed: the first goes to the end; one that is not first stays. */
export const afterFailure = (servers: readonly NameId[], failed: NameId): readonly NameId[] =>
  servers[0] === failed ? [...servers.slice(1), failed] : servers;

/** In a random order (Fisher and Yates). */
export function shuffled(servers: readonly NameId[], random: Rng): readonly NameId[] {
  const list = [...servers];
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [list[i], list[j]] = [list[j] as NameId, list[i] as NameId];
  }
  return list;
}

/** The shuffled list, whose first server has answered, with those who came meanwhile and without those who went; undefined when the first has gone. */
export function reconciled(order: readonly NameId[], known: readonly NameId[]): readonly NameId[] | undefined {
  const [first] = order;
  if (first === undefined || !known.includes(first)) return undefined;
  return [...order.filter((server) => known.includes(server)), ...known.filter((server) => !order.includes(server))];
}

/** How long until the next shuffle: two to three minutes, and longer where so many agents would bring the servers too many connections. @param fraction drawn from 0 to 1 */
export function rebalanceAfter(fraction: number, servers: number, members: number): Duration {
  const scaled = servers === 0 ? 0 : seconds(members / (servers * NEW_PER_SECOND));
  return Math.floor(Math.max(LEAST_REUSE + fraction * JITTER, scaled)) as Duration;
}

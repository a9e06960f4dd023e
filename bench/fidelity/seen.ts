import type { Deed, Machine, Seen } from './world.ts';

/** What agents log when another member joins, fails or leaves. */
export const joins = ({ name, address }: Machine): string => `[INFO] serf: EventMemberJoin: ${name} ${address}`;
export const fails = ({ name, address }: Machine): string => `[INFO] serf: EventMemberFailed: ${name} ${address}`;
export const leaves = ({ name, address }: Machine): string => `[INFO] serf: EventMemberLeave: ${name} ${address}`;
/** What the one whose probe failed logs (the others hear of it without a word). */
export const suspects = ({ name }: Machine): string => `[INFO] memberlist: Suspect ${name} has failed, no acks received`;

/** When the deed of this kind was done, the first if there are several. */
export const doneAt = ({ done }: Seen, does: Deed['does']): number | undefined => done.find(({ deed }) => deed.does === does)?.at;

/** When one of these hosts first showed this line after an instant. */
export function first(seen: Seen, hosts: readonly Machine[], text: string, since: number): number | undefined {
  return seen.lines.find((line) => line.text === text && line.at >= since && hosts.some(({ name }) => name === line.host))?.at;
}

/** When the last of these hosts showed this line for the first time after an instant; undefined if one of them did not. */
export function last(seen: Seen, hosts: readonly Machine[], text: string, since: number): number | undefined {
  const times = hosts.map((host) => first(seen, [host], text, since));
  return times.includes(undefined) ? undefined : Math.max(...(times as number[]));
}

/** The difference of two instants, if both came. */
export const after = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : to - from;

/** When, after an instant, all of these hosts first took all of these members for alive, going by what they have logged. */
export function allAlive(seen: Seen, hosts: readonly Machine[], since: number): number | undefined {
  const missing = new Set(hosts.flatMap((host) => hosts.map((member) => `${host.name} ${member.name}`)));
  const change = /^\[INFO\] serf: EventMember(Join|Failed|Leave): (\S+) /;
  for (const { at, host, text } of seen.lines) {
    const [, what, member] = change.exec(text) ?? [];
    if (what === undefined) continue;
    const pair = `${host} ${member}`;
    if (what !== 'Join') missing.add(pair);
    else missing.delete(pair);
    if (missing.size === 0 && at >= since) return at;
  }
  return undefined;
}

/** All that command lines of a host which begin like this have printed. */
export function printed(seen: Seen, host: string, of: string): string {
  const lines = seen.lines.filter((line) => line.host === host && line.of.startsWith(of));
  return lines.map(({ text }) => `${text}\n`).join('');
}

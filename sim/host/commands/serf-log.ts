import type { ProcessApi } from '../program.ts';
import { inTerminal, LEVELS } from './serf-output.ts';
import type { SerfAgent } from './serf-program.ts';

/** Lines of the log that `serf monitor` shows of the time before it. */
const RECENT = 512;

/** How much a level says at least: the higher the less. */
export const rankOf = (level: string): number => LEVELS.indexOf(level);

/** Levels by their first letters, which differ. */
const RANKS = new Map(LEVELS.map((level, rank) => [level.charCodeAt(0), rank]));

/** The rank of a line `[INFO] serf: …`; one without a level is always shown. */
export const lineRank = (line: string): number => (line.charCodeAt(0) === 0x5b ? (RANKS.get(line.charCodeAt(1)) ?? 9) : 9);

/** Puts a line into the log. A line feed at its end is the one that every line has. Lines that nobody sees are not kept. */
export function log(agent: SerfAgent, text: string, process: ProcessApi): void {
  const { state } = agent;
  const rank = lineRank(text);
  if (rank < state.audible) return;
  const stamped = `${process.wallClock()} ${text.replace(/\n$/, '')}`;
  state.recent.push(stamped);
  if (state.recent.length > RECENT) state.recent.shift();
  for (const [id, { level }] of state.monitors) {
    if (rank >= rankOf(level)) showMonitor(id, stamped, process);
  }
  if (rank < rankOf(state.level)) return;
  if (state.early === undefined) process.print(inTerminal(stamped));
  else state.early.push(stamped);
}

/** From here on the terminal shows the log. */
export function streamLog({ state }: SerfAgent, process: ProcessApi): void {
  const { early = [] } = state;
  state.early = undefined;
  process.print('\n==> Log data will now stream in as it occurs:\n');
  for (const line of early) process.print(inTerminal(line));
}

/** A `serf monitor` begins: it is shown the log so far. */
export function monitor(agent: SerfAgent, id: number, wanted: string, process: ProcessApi): void {
  const { state } = agent;
  const level = wanted.toUpperCase();
  if (rankOf(level) < 0) return agent.answer(id, { type: 'failed', error: `Unknown log level: ${level}` }, process);
  state.monitors.set(id, { level, queries: 0 });
  listen(agent);
  for (const line of state.recent) {
    // The level stands after date and time.
    if (lineRank(line.slice(STAMP)) >= rankOf(level)) showMonitor(id, line, process);
  }
}

/** Characters of date and time before a line. */
const STAMP = '2013/10/21 13:53:31 '.length;

export function showMonitor(id: number, line: string, process: ProcessApi): void {
  process.answer(id, { type: 'line', line }, true);
}

/** Finds out which lines are of use, after that may have changed. */
export function listen({ state }: SerfAgent): void {
  state.audible = Math.min(rankOf(state.level), ...[...state.monitors.values()].map(({ level }) => rankOf(level)));
}

import type { ProcessApi } from '../program.ts';
import { inTerminal, isShownAt } from './serf-output.ts';
import type { SerfAgent } from './serf-program.ts';

/** Lines of the log that `serf monitor` shows of the time before it. */
const RECENT = 512;

/** Puts a line into the log. A line feed at its end is the one that every line has. */
export function log(agent: SerfAgent, text: string, process: ProcessApi): void {
  const { state } = agent;
  const line = text.replace(/\n$/, '');
  const stamped = `${process.wallClock()} ${line}`;
  state.recent.push(stamped);
  if (state.recent.length > RECENT) state.recent.shift();
  for (const [id, level] of state.monitors) {
    if (isShownAt(level, line)) showMonitor(id, stamped, process);
  }
  if (!isShownAt(agent.options.level, line)) return;
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
export function monitor({ state }: SerfAgent, id: number, level: string, process: ProcessApi): void {
  state.monitors.set(id, level);
  for (const line of state.recent) {
    // The level stands after date and time.
    if (isShownAt(level, line.slice(line.indexOf('[')))) showMonitor(id, line, process);
  }
}

export function showMonitor(id: number, line: string, process: ProcessApi): void {
  process.answer(id, { type: 'line', line }, true);
}

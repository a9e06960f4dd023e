import type { Signal } from './program.ts';

/** Numbers of Linux on x86 and ARM (signal(7)). */
export const SIGNALS: Readonly<Record<Signal, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  KILL: 9,
  USR1: 10,
  USR2: 12,
  TERM: 15,
  CONT: 18,
  STOP: 19,
};

/** Reads a signal as `kill` takes it: `TERM`, `SIGTERM`, `term` or `15`; undefined when there is none that is known here. */
export function parseSignal(text: string): Signal | undefined {
  const name = text.toUpperCase().replace(/^SIG/, '');
  for (const [signal, number] of Object.entries(SIGNALS)) {
    if (signal === name || String(number) === text) return signal as Signal;
  }
  return undefined;
}

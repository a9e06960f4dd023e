import type { Mistake } from './messages.ts';
import type { Shell } from './origin.ts';
import { SimulatorError } from './simulator.ts';

/** Does something, and says what came in the way of it. */
export async function attempt(act: () => Promise<unknown>, shell: Shell): Promise<void> {
  try {
    await act();
  } catch (error) {
    shell.complain(sentenceOf(error));
  }
}

export function sentenceOf(error: unknown): string {
  if (!(error instanceof SimulatorError)) return error instanceof Error ? error.message : String(error);
  const [first] = error.mistakes;
  if (first === undefined) return error.message;
  return `${error.message} ${mistakeText(first)}`;
}

/** A mistake with its place. */
export function mistakeText({ line, column, path, message, hint }: Mistake): string {
  const place = line === undefined ? path : `line ${line}, column ${column}`;
  return `${place === '' ? '' : `${place}: `}${message}${hint === undefined ? '' : ` ${hint}`}`;
}

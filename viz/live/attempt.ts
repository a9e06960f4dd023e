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
  const { line, column, path, message, hint } = first;
  const place = line === undefined ? path : `line ${line}, column ${column}`;
  return `${error.message} ${place === '' ? '' : `${place}: `}${message}${hint === undefined ? '' : ` ${hint}`}`;
}

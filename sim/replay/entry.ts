import { type Address, formatAddress } from '../../core/address.ts';
import { type Duration, formatDuration } from '../../core/time.ts';
import type { Intervention } from '../intervention/intervention.ts';
import type { InterventionInput } from '../scenario/schema.ts';

/** An intervention as a scenario or a replay file writes it: each key means the same wherever it stands. */
export function inputOf(entry: Intervention): InterventionInput {
  return keys(entry) as InterventionInput;
}

function keys(entry: object): object {
  const { kind } = entry as { readonly kind?: string };
  return Object.fromEntries(
    Object.entries(entry).flatMap(([key, value]) => (value === undefined ? [] : [[key, written(key, value, kind)]])),
  );
}

const TIMES: ReadonlySet<string> = new Set(['at', 'until', 'by', 'min', 'max', 'up', 'down', 'every', 'for']);

function written(key: string, value: unknown, kind: string | undefined): unknown {
  if (key === 'does' && typeof value === 'object') return keys(value as object);
  if (typeof value !== 'number') return value;
  if (TIMES.has(key) || (key === 'after' && kind === 'aimed')) return timeOf(value);
  if (key === 'drift') return `${value}ppm`;
  if (key === 'bandwidth') return `${value}bit`;
  return key === 'address' ? formatAddress(value as Address) : value;
}

export const timeOf = (value: number): string =>
  value < 0 ? `-${formatDuration(-value as Duration)}` : formatDuration(value as Duration);

import { type Duration, formatDuration } from '../../core/time.ts';
import type { Intervention } from '../intervention/intervention.ts';
import { intervention } from '../scenario/schema/intervention.ts';
import type { InterventionInput } from '../scenario/schema.ts';

/** An intervention as a scenario or a replay file writes it. */
export function inputOf(entry: Intervention): InterventionInput {
  const option = intervention.options.find(({ shape }) => shape.kind.value === entry.kind);
  const fields: Readonly<Record<string, { safeParse(value: unknown): { readonly success: boolean } }>> = option?.shape ?? {};
  return Object.fromEntries(
    Object.entries(entry).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const written = typeof value === 'number' ? ways(value).find((way) => fields[key]?.safeParse(way).success) : value;
      return [[key, written ?? value]];
    }),
  ) as InterventionInput;
}

/** The ways in which a number may be written: as it is, as a time, as a drift. Only one of them fits the schema of its field. */
const ways = (value: number): readonly (number | string)[] => [value, timeOf(value), `${value}ppm`];

export const timeOf = (value: number): string =>
  value < 0 ? `-${formatDuration(-value as Duration)}` : formatDuration(value as Duration);

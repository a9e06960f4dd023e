import { type Address, formatAddress } from '../../core/address.ts';
import { type Duration, formatDuration } from '../../core/time.ts';
import type { Intervention } from '../intervention/intervention.ts';
import { blow, intervention } from '../scenario/schema/intervention.ts';
import type { InterventionInput } from '../scenario/schema.ts';

type Fields = Readonly<Record<string, { safeParse(value: unknown): { readonly success: boolean } }>>;

/** An intervention as a scenario or a replay file writes it. */
export function inputOf(entry: Intervention): InterventionInput {
  const option = intervention.options.find(({ shape }) => shape.kind.value === entry.kind);
  const input = written(entry, option?.shape ?? {});
  if (entry.kind !== 'aimed') return input as InterventionInput;
  const does = blow.options.find(({ shape }) => shape.kind.value === entry.does.kind);
  return { ...input, does: written(entry.does, does?.shape ?? {}) } as InterventionInput;
}

function written(entry: object, fields: Fields): object {
  return Object.fromEntries(
    Object.entries(entry).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const way = typeof value === 'number' ? ways(value).find((each) => fields[key]?.safeParse(each).success) : value;
      return [[key, way ?? value]];
    }),
  );
}

/** The ways in which a number may be written: as it is, as a time, a drift, a rate, or an address. Only one of them fits the schema of its field. */
const ways = (value: number): readonly (number | string)[] => [
  value,
  timeOf(value),
  `${value}ppm`,
  `${value}bit`,
  formatAddress(value as Address),
];

export const timeOf = (value: number): string =>
  value < 0 ? `-${formatDuration(-value as Duration)}` : formatDuration(value as Duration);

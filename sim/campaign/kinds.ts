import { AIMS, type Aim, type Intervention } from '../intervention/intervention.ts';

/** Kinds that a generator does not draw: fine ones, which recordings are made of. */
type Fine = Extract<Intervention, { readonly packet: object } | { readonly operation: object }>['kind'];

/** What a run may be tried with, by the names that a scenario's `explore` uses; `at-leader` is a blow at the leader, whatever it is. */
export type FaultKind = Exclude<Intervention['kind'], Fine | 'aimed'> | `at-${Aim}`;

/** All of them. */
export const FAULT_KINDS = [
  'link-loss',
  'link-burst',
  'link-delay',
  'link-reorder',
  'link-duplicate',
  'link-corrupt',
  'link-misdelivery',
  'link-bandwidth',
  'link-mtu',
  'link-cut',
  'link-down',
  'link-flap',
  'partition',
  'partition-halves',
  'partition-minority',
  'partition-ring',
  'partition-bridge',
  'partition-alone',
  'partition-segment',
  'trunk-cut',
  'router-down',
  'multicast-leak',
  'host-crash',
  'crash-wipe',
  'crash-at-write',
  'new-address',
  'host-pause',
  'cpu-delay',
  'process-restart',
  'restart-storm',
  'signal',
  'command',
  'clock-jump',
  'clock-drift',
  'disk-stall',
  'disk-delay',
  'disk-full',
  'disk-error',
  'disk-lie',
  'disk-wipe',
  'corrupt-record',
  ...AIMS.map((aim) => `at-${aim}` as const),
] as const satisfies readonly FaultKind[];

/** The name under which a campaign counts an intervention. */
export const faultKindOf = (entry: Intervention): string => (entry.kind === 'aimed' ? `at-${entry.aim}` : entry.kind);

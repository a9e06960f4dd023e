import type { Instant } from '../../../core/time.ts';
import type { Intervention } from '../../intervention/intervention.ts';
import type { Action } from '../plan.ts';
import type { Path } from '../problem.ts';
import { type Delay, readDelay, readDrift, readSignedTime } from '../quantity.ts';
import type { EntryInput } from '../schema.ts';
import type { Cast } from './cast.ts';
import type { Reporter } from './reporter.ts';
import type { Times } from './times.ts';

type DiskEntry = Extract<EntryInput, { readonly disk: unknown }>;
type ClockEntry = Extract<EntryInput, { readonly clock: unknown }>;

/** What entries of a timeline about hosts are built with. */
interface Parts {
  readonly cast: Cast;
  readonly times: Times;
  readonly reporter: Reporter;
}

/** Keys of an entry about a disk that only some of its faults have. */
const DISK_KEYS = { by: ['slow'], rate: ['error', 'lie'], file: ['corrupt'], record: ['corrupt'] } as const;

/** What befalls hosts for a time by a timeline: slow processes and disks that do not do what they should. */
export function buildFaults(entries: readonly EntryInput[], { cast, times, reporter }: Parts): Intervention[] {
  return entries.flatMap((entry, index): Intervention[] => {
    const path: Path = ['timeline', index];
    if (!('slow' in entry) && !('disk' in entry)) return [];
    const at = times.instant(entry.at, [...path, 'at']);
    const during = entry.until === undefined ? { at } : { at, until: times.endOf(entry.until, at, [...path, 'until']) };
    const range = (by: Delay) => rangeOf(by, [...path, 'by'], reporter);
    if ('slow' in entry) {
      const by = range(entry.by);
      const hosts = cast.names(cast.hosts(entry.slow, [...path, 'slow']));
      const only = entry.only === undefined ? {} : { only: entry.only };
      return hosts.map((host) => ({ kind: 'cpu-delay', host, ...during, ...by, ...only }));
    }
    checkDisk(entry, path, reporter);
    return cast.names(cast.hosts(entry.disk, [...path, 'disk'])).flatMap((host) => diskFault(entry, host, during, range));
  });
}

function diskFault(
  { fault, by, rate = 1 }: DiskEntry,
  host: string,
  during: { readonly at: Instant; readonly until?: Instant },
  range: (by: Delay) => ReturnType<typeof rangeOf>,
): Intervention[] {
  switch (fault) {
    case 'stall':
    case 'full':
      return [{ kind: `disk-${fault}`, host, ...during }];
    case 'slow':
      return by === undefined ? [] : [{ kind: 'disk-delay', host, ...during, ...range(by) }];
    case 'error':
    case 'lie':
      return [{ kind: `disk-${fault}`, host, ...during, rate }];
    default:
      return []; // happens at an instant
  }
}

function checkDisk(entry: DiskEntry, path: Path, reporter: Reporter): void {
  for (const [key, faults] of Object.entries(DISK_KEYS)) {
    if (entry[key as keyof typeof DISK_KEYS] === undefined || (faults as readonly string[]).includes(entry.fault)) continue;
    reporter.say([...path, key], `${key} does not go with ${entry.fault}.`, `It goes with ${faults.join(' and ')}.`, 'key');
  }
  const lacking =
    entry.fault === 'slow' && entry.by === undefined
      ? 'by'
      : entry.fault === 'corrupt' && entry.file === undefined
        ? 'file'
        : undefined;
  if (lacking !== undefined) reporter.say([...path, 'fault'], `${entry.fault} needs ${lacking}.`, `Add ${lacking}.`);
  if (entry.until !== undefined && (entry.fault === 'wipe' || entry.fault === 'corrupt'))
    reporter.say([...path, 'until'], `${entry.fault} happens at an instant and has no end.`, 'Leave until out.', 'key');
}

/** What a timeline's entry about a disk does at its instant, if it does anything then. */
export function diskActions(entry: DiskEntry, path: Path, cast: Cast): Action[] {
  const { fault, file } = entry;
  if (fault !== 'wipe' && (fault !== 'corrupt' || file === undefined)) return [];
  return cast.hosts(entry.disk, [...path, 'disk']).map((node) => {
    if (fault === 'wipe') return { type: 'wipe', node };
    return { type: 'corrupt', node, file: file as string, record: entry.record ?? -1 };
  });
}

export function clockActions(entry: ClockEntry, path: Path, cast: Cast, reporter: Reporter): Action[] {
  const { jump, drift } = entry;
  if (jump === undefined && drift === undefined)
    reporter.say([...path, 'clock'], 'It does not say what changes.', 'Add jump or drift.');
  return cast
    .hosts(entry.clock, [...path, 'clock'])
    .flatMap((node): Action[] => [
      ...(jump === undefined ? [] : [{ type: 'jump' as const, node, by: readSignedTime(jump) as number }]),
      ...(drift === undefined ? [] : [{ type: 'drift' as const, node, drift: readDrift(drift) as number }]),
    ]);
}

/** Faults are drawn from a range, as those of an adversary are. */
function rangeOf(by: Delay, path: Path, reporter: Reporter) {
  const distribution = readDelay(by);
  if (distribution?.type === 'constant') return { min: distribution.value, max: distribution.value };
  if (distribution?.type === 'uniform') return { min: distribution.min, max: distribution.max };
  reporter.say(path, 'A fault is as late as a time or a range says.', 'Write 50ms or 10ms..200ms.');
  return { min: 0, max: 0 } as never;
}

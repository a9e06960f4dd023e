import fc from 'fast-check';
import { type Duration, type Instant, milliseconds } from '../../core/time.ts';
import type { Intervention } from '../intervention/intervention.ts';
import type { Plan } from '../scenario/plan.ts';

/** What generated faults may touch, and when. */
export interface FaultSpace {
  readonly hosts: readonly string[];
  /** No fault begins before. */
  readonly from: Instant;
  /** Every fault is over: links carry again, hosts have booted. */
  readonly until: Instant;
  /** At most so many faults; 6 unless said otherwise. */
  readonly most?: number;
  /**
   * Whether hosts may also stand still or be slow, disks stall, be slow or fail, and crashes come in the middle of writes; no unless said
   * otherwise. Disks keep what they said to have synced.
   */
  readonly disks?: boolean;
}

/** All hosts of a plan, from its start up to a share of its run, so that the rest is quiet. */
export function faultSpaceOf(plan: Plan, share = 0.5): FaultSpace {
  return { hosts: plan.hosts.map(({ name }) => name), from: 0 as Instant, until: Math.floor(plan.end * share) as Instant };
}

/**
 * Lists of coarse faults: lossy, slow and cut directions between two hosts, crashes from which a host returns, and with `disks` what
 * befalls hosts and their disks.
 *
 * Shrinks to fewer, shorter and weaker ones. Times are whole milliseconds, so that a failure reads well.
 */
export function faultPlans({ hosts, from, until, most = 6, disks = false }: FaultSpace): fc.Arbitrary<Intervention[]> {
  const millisecond = milliseconds(1);
  const span = Math.floor((until - from) / millisecond);
  const window = fc
    .tuple(fc.integer({ min: 0, max: Math.max(0, span - 1) }), fc.integer({ min: 1, max: Math.max(1, span) }))
    .map(([start, length]) => ({
      at: (from + start * millisecond) as Instant,
      until: (from + Math.min(start + length, span) * millisecond) as Instant,
    }));
  const host = fc.constantFrom(...hosts);
  const crash = fc.tuple(host, window).map(([name, times]): Intervention => ({ kind: 'host-crash', host: name, ...times }));
  const alone = disks ? [crash, ...diskFaults(host, window)] : [crash];
  if (hosts.length < 2) return fc.array(fc.oneof(...alone), { maxLength: most });
  const link = fc
    .tuple(host, fc.integer({ min: 1, max: hosts.length - 1 }), window)
    .map(([name, step, times]) => ({ from: name, to: hosts[(hosts.indexOf(name) + step) % hosts.length] as string, ...times }));
  const cut = link.map((each): Intervention => ({ kind: 'link-cut', ...each }));
  const loss = fc
    .tuple(link, fc.integer({ min: 1, max: 100 }))
    .map(([each, percent]): Intervention => ({ kind: 'link-loss', ...each, rate: percent / 100 }));
  const delay = fc.tuple(link, fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 1, max: 2_000 })).map(
    ([each, least, more]): Intervention => ({
      kind: 'link-delay',
      ...each,
      min: milliseconds(least) as Duration,
      max: milliseconds(least + more) as Duration,
    }),
  );
  return fc.array(fc.oneof(cut, loss, delay, ...alone), { maxLength: most });
}

/** Faults of hosts and their disks that end, and that a protocol which syncs before it promises must survive. */
function diskFaults(
  host: fc.Arbitrary<string>,
  window: fc.Arbitrary<{ readonly at: Instant; readonly until: Instant }>,
): fc.Arbitrary<Intervention>[] {
  const late = fc
    .tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 500 }))
    .map(([least, more]) => ({ min: milliseconds(least) as Duration, max: milliseconds(least + more) as Duration }));
  const where = fc.tuple(host, window).map(([name, times]) => ({ host: name, ...times }));
  return [
    where.map((each): Intervention => ({ kind: 'host-crash', torn: true, ...each })),
    where.map((each): Intervention => ({ kind: 'host-pause', ...each })),
    where.map((each): Intervention => ({ kind: 'disk-stall', ...each })),
    fc.tuple(where, late).map(([each, by]): Intervention => ({ kind: 'disk-delay', ...each, ...by })),
    fc.tuple(where, late).map(([each, by]): Intervention => ({ kind: 'cpu-delay', ...each, ...by })),
    fc
      .tuple(where, fc.integer({ min: 1, max: 100 }))
      .map(([each, percent]): Intervention => ({ kind: 'disk-error', ...each, rate: percent / 100 })),
  ];
}

import { type Duration, type Instant, seconds } from '../../core/time.ts';
import { gossips, hasRaft } from '../check/commands.ts';
import type { Intervention } from '../intervention/intervention.ts';
import type { Plan } from '../scenario/plan.ts';

/** What a run may be tried with, by the names that a scenario's `explore` uses. */
export type FaultKind = Intervention['kind'];

/** What a campaign tries a scenario with: plain data, the same for all of its runs. */
export interface Exploration {
  /** Those of which each run enables some. */
  readonly kinds: readonly FaultKind[];
  /** The hosts that faults befall: those that protocols run on. */
  readonly hosts: readonly string[];
  /** Every fault begins in this time, and but for those that a majority is spared ends with it. */
  readonly chaos: { readonly from: Instant; readonly until: Instant };
  /** How long what must come true may take after that. */
  readonly quiet: Duration;
  /** Faults in a run, of all its kinds together. */
  readonly faults: { readonly least: number; readonly most: number };
  /** What is healed when the chaos is over: everything, or the hosts and links of a majority only, while the others stay as they are. */
  readonly heals: readonly ('all' | 'majority')[];
}

const HARMLESS: readonly FaultKind[] = ['link-loss', 'link-delay', 'link-cut', 'host-crash', 'host-pause', 'cpu-delay'];

/** What a scenario's `explore` says, and where it says nothing what suits what runs on its hosts. */
export function explorationOf(plan: Plan): Exploration {
  const until = Math.min(seconds(30), Math.max(seconds(10), Math.floor(plan.end / 2))) as number as Instant;
  return {
    kinds: HARMLESS,
    hosts: hostsOf(plan),
    chaos: { from: 0 as Instant, until },
    quiet: gossips(plan) ? seconds(900) : seconds(60),
    faults: { least: 1, most: 12 },
    heals: hasRaft(plan) ? ['all', 'majority'] : ['all'],
  };
}

const PROGRAM = /^\s*(kvd|serf +agent|consul +agent)\b/;

/** The hosts that servers and agents run on; all when there are none that we know. */
function hostsOf(plan: Plan): readonly string[] {
  const nodes = new Set(plan.timeline.flatMap((step) => (step.type === 'run' && PROGRAM.test(step.line) ? [step.node] : [])));
  const hosts = plan.hosts.filter(({ node }) => nodes.has(node));
  return (hosts.length > 0 ? hosts : plan.hosts).map(({ name }) => name);
}

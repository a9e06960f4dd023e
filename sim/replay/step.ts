import { formatInstant } from '../../core/time.ts';
import { describeIntervention } from '../intervention/intervention.ts';
import type { Plan, Step } from '../scenario/plan.ts';

/**
 * A step of a plan in words, `7.600 s n2: kv get x`; undefined where there is none.
 *
 * @param place that of a step of the timeline, and behind those that of what befalls hosts for a time
 */
export function describeStep(plan: Plan, place: number): string | undefined {
  const step = plan.timeline[place];
  if (step === undefined) {
    const fault = plan.faults[place - plan.timeline.length];
    return fault === undefined ? undefined : describeIntervention(fault);
  }
  const name = (node: number) => plan.topology.nodes[node]?.name ?? String(node);
  return `${formatInstant(step.at, 3)} s ${doing(step, name)}`;
}

function doing(step: Step, name: (node: number) => string): string {
  switch (step.type) {
    case 'run':
      return `${name(step.node)}: ${step.line}`;
    case 'cut':
    case 'heal':
      return `${step.type} ${step.pairs.map(([from, to]) => `${name(from)}→${name(to)}`).join(' ')}`;
    case 'heal-all':
      return 'heal all';
    case 'cut-trunk':
    case 'heal-trunk':
      return `${step.type === 'cut-trunk' ? 'cut' : 'heal'} trunk ${step.trunk}`;
    default:
      return `${name(step.node)}: ${[step.type, ...details(step)].join(' ')}`;
  }
}

/** What a step about a host says beside its type and its host. */
function details(step: Extract<Step, { readonly node: number }>): string[] {
  const { type: _, at: __, node: ___, ...rest } = step;
  return Object.values(rest).flatMap((value) => (value === undefined || value === false ? [] : [String(value)]));
}

import type { Instant } from '../../core/time.ts';
import type { Intervention } from '../intervention/intervention.ts';
import type { Case, Nominal, Omitted } from '../replay/case.ts';
import { describeStep } from '../replay/step.ts';
import type { Plan, Step } from '../scenario/plan.ts';
import type { Search } from './search.ts';
import { simplifications } from './simpler.ts';

/**
 * The steps of a plan that may be left out of a case: those that it has, and that come before its end. What must come true in the end may
 * not be kept from it by leaving out what it takes: there only steps count that do harm.
 */
export function stepsOf(plan: Plan, { smallest: { without = [], until = plan.end }, last }: Situation): number[] {
  const omitted = new Set(without.map(({ step }) => step));
  const steps = [...plan.timeline, ...plan.faults];
  const isSpare = ({ type }: Step) => last?.kind === 'always' || last?.kind === 'whole' || HARM.has(type);
  return [...steps.keys()].filter((place) => {
    const step = steps[place] as Step | Intervention;
    return !omitted.has(place) && ('at' in step ? step.at : 0) <= until && ('kind' in step || isSpare(step));
  });
}

/** Steps that make things worse. */
const HARM: ReadonlySet<Step['type']> = new Set([
  'crash',
  'pause',
  'signal',
  'restart',
  'wipe',
  'corrupt',
  'jump',
  'drift',
  'cut',
  'cut-trunk',
]);

/** A case without these steps, in their order. */
export function withoutSteps(of: Case, without: readonly Omitted[]): Case {
  const { instead, ...rest } = of;
  const left = (instead ?? []).filter(({ step }) => !without.some((each) => each.step === step));
  return { ...rest, without: without.toSorted((a, b) => a.step - b.step), ...(left.length === 0 ? {} : { instead: left }) };
}

/** What a search has come to. */
export type Situation = Pick<Search, 'smallest' | 'failure' | 'last'>;

const NOMINAL: readonly Nominal[] = ['loss', 'delay'];

/**
 * The cases that are one step smaller than a case in one place: one of its interventions, a step of the timeline, a property of the
 * network, its end.
 *
 * @param site the place, from 0; those of a case are all that give a list
 */
export function simplerCases(plan: Plan, situation: Situation, site: number): Case[] | undefined {
  const { smallest: of, failure, last } = situation;
  const { at } = failure;
  const { interventions, quiet, nominal = [], without = [] } = of;
  const entry = interventions[site];
  if (entry !== undefined) {
    const others = (by: typeof interventions): Case => ({
      ...of,
      interventions: [...interventions.slice(0, site), ...by, ...interventions.slice(site + 1)],
    });
    const simpler = simplifications(entry, { end: at, quietFrom: quiet?.from });
    return [others([]), ...simpler.map((each) => others([each]))];
  }
  const rest = site - interventions.length;
  if (rest === 0) return last?.kind === 'whole' ? sooner(at).map((each) => ({ ...of, until: each })) : [];
  const wild = NOMINAL.filter((each) => !nominal.includes(each));
  if (rest === 1) return wild.map((each) => ({ ...of, nominal: NOMINAL.filter((one) => one === each || nominal.includes(one)) }));
  if (rest === 2) return last?.kind === 'always' ? restless(of) : quietSooner(plan, of);
  const steps = stepsOf(plan, situation);
  const step = steps[rest - 3];
  if (step === undefined) return undefined;
  const was = describeStep(plan, step) as string;
  return [withoutSteps(of, [...without, { step, was }]), ...lighter(plan, of, step, was)];
}

/** With less for clients to do: half of them, or half of what each does. */
function lighter(plan: Plan, of: Case, step: number, was: string): Case[] {
  const entry = plan.timeline[step];
  if (entry?.type !== 'run') return [];
  const { instead = [] } = of;
  const line = instead.find((each) => each.step === step)?.run ?? entry.line;
  const others = instead.filter((each) => each.step !== step);
  return ['clients', 'operations'].flatMap((what) => {
    const match = new RegExp(`(\\s--?${what}[= ])(\\d+)\\b`).exec(line);
    const count = Number(match?.[2] ?? 1);
    if (match === null || count < 2) return [];
    const run = line.replace(match[0], `${match[1]}${Math.floor(count / 2)}`);
    return [{ ...of, instead: [...others, { step, was, run }].toSorted((a, b) => a.step - b.step) }];
  });
}

/** Ends before one at which something was judged about a whole run. */
export const sooner = (end: Instant): Instant[] =>
  [1 / 2, 3 / 4, 7 / 8, 15 / 16].map((part) => (Math.floor((end * part) / 1e6) * 1e6) as Instant);

/** Without a time since when it is left alone, which says nothing where nothing is due. */
function restless({ quiet, ...rest }: Case): Case[] {
  return quiet === undefined ? [] : [rest];
}

/** The same, left alone as soon as the last thing is done to the world: what must come true is due sooner. */
function quietSooner({ timeline, faults }: Plan, of: Case): Case[] {
  const { quiet, interventions } = of;
  if (quiet === undefined) return [];
  const instants = [...timeline, ...faults, ...interventions].flatMap((each) => [
    'at' in each ? each.at : 0,
    'until' in each ? (each.until ?? 0) : 0,
  ]);
  const last = Math.max(0, ...instants.filter((at) => at <= quiet.from));
  return last < quiet.from ? [{ ...of, quiet: { ...quiet, from: last as Instant } }] : [];
}

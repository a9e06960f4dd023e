import type { Invariant } from '../../core/invariant.ts';
import { add, type Instant } from '../../core/time.ts';
import { VACUOUS } from '../check/check.ts';
import type { Property, Subject } from '../check/property.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Goal } from './own-protocol.ts';

/** Whether a plan runs the program. */
const runs =
  (program: string) =>
  (plan: Plan): boolean =>
    plan.timeline.some((step) => step.type === 'run' && step.line.trimStart().split(/\s/, 1)[0] === program);

/** Judges the states of all running nodes together after each input of one of them. */
export const ownInvariant = <State extends object>(program: string, { name: says, violation }: Invariant<State>): Property => ({
  kind: 'always',
  says,
  applies: runs(program),
  make: (name, subject) => {
    let judged = false;
    let wrong: string | undefined;
    subject.world.hosts.observers.push({
      fed: (part) => {
        if (part.program !== program || wrong !== undefined) return;
        judged = true;
        wrong = violation(statesOf<State>(program, subject));
        // Whatever it shows or does not show: it is to be looked at now.
        if (wrong !== undefined) subject.cells.version++;
      },
    });
    return { kind: 'always', name, judge: () => (judged ? wrong : VACUOUS) };
  },
});

export const ownGoal = <State extends object>(program: string, { name: says, within, missing }: Goal<State>): Property => ({
  kind: 'eventually',
  says,
  applies: runs(program),
  make: (name, subject, patience) => {
    const from = subject.quiet?.from ?? lastStep(subject);
    const states = () => statesOf<State>(program, subject, subject.quiet?.hosts);
    subject.world.hosts.observers.push({
      fed: (part) => {
        // It may be reached whatever its cells show.
        if (part.program === program && subject.world.now >= from) subject.cells.version++;
      },
    });
    return {
      kind: 'eventually',
      name,
      from,
      by: add(from, patience ?? within),
      missing: () => missing(states()),
      // Without a node that others wait for it is another failure.
      sort: () => `${states().length} nodes`,
    };
  },
});

/** Where nobody planned what befalls the world: when the last thing is done to it. */
const lastStep = ({ plan, world }: Subject): Instant =>
  Math.max(0, ...plan.timeline.map(({ at }) => at), ...world.interventionEnds()) as Instant;

function statesOf<State>(program: string, { world, plan }: Subject, among?: readonly string[]): State[] {
  return plan.hosts.flatMap(({ node, name }) => {
    if (among?.includes(name) === false) return [];
    const protocol = world.hosts.program(node, program)?.parts[0]?.protocol;
    return protocol === undefined ? [] : [protocol.state as State];
  });
}

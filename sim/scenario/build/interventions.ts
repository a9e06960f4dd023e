import type { Intervention } from '../../intervention/intervention.ts';
import type { Path } from '../problem.ts';
import type { InterventionInput } from '../schema.ts';
import type { Cast } from './cast.ts';
import type { Reporter } from './reporter.ts';
import { durationOf } from './segments.ts';
import type { Times } from './times.ts';

/** The adversary's part of a scenario. */
export function buildInterventions(
  inputs: readonly InterventionInput[],
  cast: Cast,
  times: Times,
  reporter: Reporter,
): Intervention[] {
  return inputs.map((input, index): Intervention => {
    const path: Path = ['interventions', index];
    const known = (name: string, ...place: string[]) => {
      if (cast.nodes(name, [...path, ...place]).length > 1) {
        reporter.say([...path, ...place], `${name} stands for several hosts, and one is needed here.`, 'Name one of them.');
      }
    };
    const during = () => {
      const { at, until } = input as Extract<InterventionInput, { at: unknown }>;
      const from = times.instant(at, [...path, 'at']);
      return { at: from, ...(until === undefined ? {} : { until: times.endOf(until, from, [...path, 'until']) }) };
    };
    if ('packet' in input) {
      const { sender, boot = 0, ordinal, receiver, hop = 0, message } = input.packet;
      known(sender, 'packet', 'sender');
      known(receiver, 'packet', 'receiver');
      const packet = { sender, boot, ordinal, receiver, hop, message };
      return input.kind === 'packet-loss' ? { kind: input.kind, packet } : { kind: input.kind, packet, by: durationOf(input.by) };
    }
    if (input.kind === 'host-crash') {
      known(input.host, 'host');
      return { kind: input.kind, host: input.host, ...during() };
    }
    known(input.from, 'from');
    known(input.to, 'to');
    if (input.from === input.to)
      reporter.say([...path, 'to'], `The link leads from ${input.from} to itself.`, 'Name two machines.');
    const link = { from: input.from, to: input.to, ...during() };
    if (input.kind === 'link-loss') return { kind: input.kind, rate: input.rate, ...link };
    if (input.kind === 'link-cut') return { kind: input.kind, ...link };
    const [min, max] = [durationOf(input.min), durationOf(input.max)];
    if (min > max) reporter.say([...path, 'max'], `The most, ${input.max}, is less than the least, ${input.min}.`, 'Swap them.');
    return { kind: input.kind, min, max, ...link };
  });
}

import type { Intervention } from '../../intervention/intervention.ts';
import type { Path } from '../problem.ts';
import { readDrift, readSignedTime, type Time } from '../quantity.ts';
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
    /** One host, and no router, which has neither processes nor a disk. */
    const one = (name: string, ...place: string[]) => {
      if (cast.hosts(name, [...path, ...place]).length > 1) known(name, ...place);
    };
    const during = () => {
      const { at, until } = input as { readonly at: Time; readonly until?: Time };
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
    if ('operation' in input) {
      const { host, boot = 0, ordinal, does } = input.operation;
      one(host, 'operation', 'host');
      const operation = { host, boot, ordinal, does };
      switch (input.kind) {
        case 'write-delay':
          return { kind: input.kind, operation, by: durationOf(input.by) };
        case 'write-failure':
          return { kind: input.kind, operation, outcome: input.outcome };
        case 'write-crash':
          return {
            kind: input.kind,
            operation,
            done: input.done,
            ...(input.for === undefined ? {} : { for: durationOf(input.for) }),
          };
        default:
          return { kind: input.kind, operation };
      }
    }
    const range = ({ min, max }: { readonly min: Time; readonly max: Time }) => {
      const [least, most] = [durationOf(min), durationOf(max)];
      if (least > most) reporter.say([...path, 'max'], `The most, ${max}, is less than the least, ${min}.`, 'Swap them.');
      return { min: least, max: most };
    };
    if ('host' in input) {
      const { host } = input;
      if (input.kind === 'host-crash') {
        known(host, 'host');
        return { kind: input.kind, host, ...during(), ...(input.torn === undefined ? {} : { torn: input.torn }) };
      }
      one(host, 'host');
      const { at } = during();
      switch (input.kind) {
        case 'cpu-delay':
          return {
            kind: input.kind,
            host,
            ...during(),
            ...range(input),
            ...(input.only === undefined ? {} : { only: input.only }),
          };
        case 'disk-delay':
          return { kind: input.kind, host, ...during(), ...range(input) };
        case 'disk-error':
        case 'disk-lie':
          return { kind: input.kind, host, ...during(), rate: input.rate };
        case 'process-restart':
          return { kind: input.kind, host, at, ...(input.of === undefined ? {} : { of: input.of }) };
        case 'clock-jump':
          return { kind: input.kind, host, at, by: readSignedTime(input.by) as number };
        case 'clock-drift':
          return { kind: input.kind, host, at, drift: readDrift(input.drift) as number };
        case 'command':
          return { kind: input.kind, host, at, run: input.run };
        case 'signal':
          return { kind: input.kind, host, at, signal: input.signal, ...(input.of === undefined ? {} : { of: input.of }) };
        case 'disk-wipe':
          return { kind: input.kind, host, at };
        case 'corrupt-record':
          return { kind: input.kind, host, at, file: input.file, record: input.record };
        default:
          return { kind: input.kind, host, ...during() };
      }
    }
    known(input.from, 'from');
    known(input.to, 'to');
    if (input.from === input.to)
      reporter.say([...path, 'to'], `The link leads from ${input.from} to itself.`, 'Name two machines.');
    const link = { from: input.from, to: input.to, ...during() };
    if (input.kind === 'link-loss') return { kind: input.kind, rate: input.rate, ...link };
    if (input.kind === 'link-cut') return { kind: input.kind, ...link };
    return { kind: input.kind, ...range(input), ...link };
  });
}

import type { Invariant } from '../../core/invariant.ts';
import type { Subject } from '../../core/laws.ts';
import type { Duration } from '../../core/time.ts';
import type { Kit } from '../campaign/judge.ts';
import type { Property } from '../check/property.ts';
import type { Command } from '../host/commands/registry.ts';
import { ownCommand } from './command.ts';
import { ownGoal, ownInvariant } from './property.ts';

/** What must come true of all nodes of one protocol together, once they are left alone. */
export interface Goal<State> {
  readonly name: string;
  /** How long it may take. */
  readonly within: Duration;
  /**
   * @param states one per running node that is left alone
   * @returns what is still missing, in words; undefined when it is reached
   */
  missing(states: readonly State[]): string | undefined;
}

/** A protocol of one's own, as something that hosts can run and that runs can be held to. The same can be held to the laws. */
export interface OwnProtocol<M, C, State> extends Subject<M, C> {
  /** What must hold of all running nodes together after each input of any of them. */
  readonly invariants?: readonly Invariant<State>[];
  readonly goals?: readonly Goal<State>[];
}

/** What a module adds to what a scenario may use. */
export interface Extension {
  readonly commands: readonly Command[];
  readonly properties: Readonly<Record<string, Property>>;
}

/**
 * Makes a protocol of one's own known to scenarios, which name the module in `protocols` whose default export this is.
 *
 * A host then runs it by its name, with all nodes behind it: `lock n1=10.0.1.11 n2=10.0.1.12`. While it runs, `lock ask '{"type":"acquire"}'`
 * gives it a command, which is JSON, and prints the reply, if there is one.
 */
export function ownProtocol<M, C, State extends object>(own: OwnProtocol<M, C, State>): Extension & OwnProtocol<M, C, State> {
  const { name, invariants = [], goals = [] } = own;
  return {
    ...own,
    commands: [ownCommand(own as Subject<never, unknown>)],
    properties: Object.fromEntries([
      ...invariants.map((each) => [each.name, ownInvariant(name, each)] as const),
      ...goals.map((each) => [each.name, ownGoal(name, each)] as const),
    ]),
  };
}

/** Whether something that a module exports is an extension. */
export const isExtension = (value: object): value is Extension =>
  'commands' in value && Array.isArray(value.commands) && 'properties' in value && typeof value.properties === 'object';

/** What there is for a scenario to use, with what a module adds. */
export const extended = ({ registry, properties }: Required<Kit>, { commands, properties: more }: Extension): Required<Kit> => ({
  registry: registry.with(commands),
  properties: new Map([...properties, ...Object.entries(more)]),
});

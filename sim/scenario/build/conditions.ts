import type { Bounds, Condition, Expectation, Mark, Measure, MemberStatus, TextTest, Window } from '../plan.ts';
import type { Path } from '../problem.ts';
import { formatPath } from '../problem.ts';
import type { ExitInput, ExpectationInput, MarkInput, MembersInput, OutputInput, RaftInput, ScenarioInput } from '../schema.ts';
import type { Cast } from './cast.ts';
import type { Reporter } from './reporter.ts';
import type { Times } from './times.ts';

interface Parts {
  readonly cast: Cast;
  readonly times: Times;
  readonly reporter: Reporter;
  /** Names that agents give themselves with `-node`, beside the names of hosts. */
  readonly members: ReadonlySet<string>;
  /** Names of properties that can be violated; absent when they are not known. */
  readonly properties: ReadonlySet<string> | undefined;
  readonly lineOf: (path: Path) => number | undefined;
}

const STATUSES: readonly MemberStatus[] = ['alive', 'failed', 'left', 'leaving'];

/** What a scenario expects and measures, with hosts and times resolved. */
export class Conditions {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  expectations(inputs: readonly ExpectationInput[]): Expectation[] {
    return inputs.map((input, index): Expectation => {
      const path: Path = ['expect', index];
      const place = { path: formatPath(path), line: this.parts.lineOf(path) };
      if (input.violates !== undefined) {
        this.property(input.violates, [...path, 'violates']);
        return { ...place, type: 'violates', property: input.violates };
      }
      return { ...place, type: 'condition', condition: this.condition(input, path), window: this.window(input, path) };
    });
  }

  measures(inputs: NonNullable<ScenarioInput['measure']>): Measure[] {
    return Object.entries(inputs).map(([name, { from, to, unit, description }]) => ({
      name,
      description,
      from: this.mark(from, ['measure', name, 'from']),
      to: this.mark(to, ['measure', name, 'to']),
      unit: unit ?? 's',
    }));
  }

  property(name: string, path: Path): void {
    const { properties, reporter } = this.parts;
    if (properties === undefined || properties.has(name)) return;
    reporter.unknownName(path, 'property', name, properties);
  }

  private window({ at, by, from, until }: ExpectationInput, path: Path): Window {
    const { times } = this.parts;
    if (at !== undefined) return { type: 'at', at: times.instant(at, [...path, 'at']) };
    if (by !== undefined) return { type: 'by', by: times.instant(by, [...path, 'by']) };
    const begin = times.instant(from ?? 0, [...path, 'from']);
    return { type: 'throughout', from: begin, until: times.endOf(until ?? 0, begin, [...path, 'until']) };
  }

  private mark(input: MarkInput, path: Path): Mark {
    const { cast, times } = this.parts;
    if (input.at !== undefined) return { type: 'instant', at: times.instant(input.at, [...path, 'at']) };
    if (input.command !== undefined)
      return { type: 'command', nodes: cast.hosts(input.on ?? 'all', [...path, 'on']), line: input.command };
    return this.condition(input, path);
  }

  /** Of the one that is given; the schema has seen to it that one is. */
  private condition({ members, output, raft, exit }: ExpectationInput | MarkInput, path: Path): Condition {
    if (members !== undefined) return this.membersOf(members, [...path, 'members']);
    if (output !== undefined) return this.outputOf(output, [...path, 'output']);
    if (raft !== undefined) return this.raftOf(raft, [...path, 'raft']);
    return this.exitOf(exit as ExitInput, [...path, 'exit']);
  }

  private membersOf(input: MembersInput, path: Path): Condition {
    const expected: { [status in MemberStatus]?: readonly string[] } = {};
    for (const status of STATUSES) {
      const names = input[status];
      if (names !== undefined) expected[status] = this.memberNames(names, [...path, status]);
    }
    const seen = new Map<string, string>();
    for (const [status, names] of Object.entries(expected)) {
      for (const name of names) {
        const other = seen.get(name) ?? status;
        if (other !== status) this.parts.reporter.say([...path, status], `${name} cannot be ${other} and ${status} at once.`);
        seen.set(name, other);
      }
    }
    return { type: 'members', nodes: this.parts.cast.hosts(input.on, [...path, 'on']), ...expected };
  }

  private memberNames(names: string | readonly string[], path: Path): string[] {
    const { cast, members } = this.parts;
    return (typeof names === 'string' ? [names] : names).flatMap((name, index) =>
      members.has(name) ? [name] : cast.names(cast.hosts(name, typeof names === 'string' ? path : [...path, index])),
    );
  }

  private outputOf({ on, of, includes, matches, equals }: OutputInput, path: Path): Condition {
    let text: TextTest;
    if (includes !== undefined) text = { type: 'includes', texts: typeof includes === 'string' ? [includes] : includes };
    else if (matches !== undefined) text = { type: 'matches', pattern: matches };
    else text = { type: 'equals', text: (equals ?? '').replace(/\n+$/, '') };
    return { type: 'output', nodes: this.parts.cast.hosts(on, [...path, 'on']), of, text };
  }

  private raftOf({ on, leader, except, role, term, commit, voters }: RaftInput, path: Path): Condition {
    return {
      type: 'raft',
      nodes: this.parts.cast.hosts(on, [...path, 'on']),
      ...(leader === undefined ? {} : { leader }),
      ...(except === undefined ? {} : { except }),
      ...(role === undefined ? {} : { role }),
      ...(term === undefined ? {} : { term: boundsOf(term) }),
      ...(commit === undefined ? {} : { commit: boundsOf(commit) }),
      ...(voters === undefined ? {} : { voters }),
    };
  }

  private exitOf({ on, of, code }: ExitInput, path: Path): Condition {
    return { type: 'exit', nodes: this.parts.cast.hosts(on, [...path, 'on']), of, code };
  }
}

const boundsOf = (input: NonNullable<RaftInput['term']>): Bounds => {
  if (typeof input === 'number') return { min: input, max: input };
  const { min, max } = input;
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
};

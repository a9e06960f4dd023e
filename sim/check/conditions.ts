import type { NameId, Names } from '../../core/names.ts';
import type { Terminals } from '../run/terminals.ts';
import type { Condition, MemberStatus, TextTest } from '../scenario/plan.ts';
import type { Cells } from './cells.ts';
import { RAFT, STATUS } from './observed.ts';
import { boundsInWords } from './words.ts';

const STATUSES: readonly MemberStatus[] = ['alive', 'failed', 'left', 'leaving'];

/** Says what a world lacks to meet a condition, from what it shows: cells and terminals. */
export class Conditions {
  private readonly names: Names;
  private readonly cells: Cells;
  private readonly terminals: Terminals;
  private readonly nodes: readonly string[];
  private readonly status: NameId;

  /** @param world.nodes the names of all nodes, in the order of their numbers */
  constructor(world: {
    readonly names: Names;
    readonly cells: Cells;
    readonly terminals: Terminals;
    readonly nodes: readonly string[];
  }) {
    this.names = world.names;
    this.cells = world.cells;
    this.terminals = world.terminals;
    this.nodes = world.nodes;
    this.status = this.names.id(STATUS);
  }

  /** What is missing, in words; undefined when the condition holds. */
  missing(condition: Condition): string | undefined {
    for (const node of condition.nodes) {
      const lacks = this.lacks(node, condition);
      if (lacks !== undefined) return `${this.nodes[node]} ${lacks}`;
    }
    return undefined;
  }

  private lacks(node: number, condition: Condition): string | undefined {
    switch (condition.type) {
      case 'members': {
        const shown = this.members(node);
        for (const status of STATUSES) {
          const expected = condition[status];
          if (expected === undefined) continue;
          const actual = shown.get(status) ?? [];
          if (!sameSet(actual, expected)) return `shows ${status}: ${list(actual)}; expected ${list(expected)}`;
        }
        return undefined;
      }
      case 'output': {
        const texts = [...this.terminals.of(node, condition.of)].map(({ lines }) => lines.join('\n'));
        const lacking = lacksText(texts, condition.text);
        return lacking === undefined ? undefined : `has not printed ${lacking}${by(condition.of)}`;
      }
      case 'raft':
        return this.lacksRaft(node, condition);
      case 'exit': {
        const ended = [...this.terminals.of(node, condition.of)].map(({ status }) => status);
        if (ended.includes(condition.code)) return undefined;
        const others = ended.filter((status) => status !== undefined);
        return `has no exit status ${condition.code}${by(condition.of)}${others.length === 0 ? '' : `, but ${others.join(', ')}`}`;
      }
    }
  }

  private lacksRaft(node: number, condition: Extract<Condition, { type: 'raft' }>): string | undefined {
    const { nodes, leader, except, role, term, commit, voters } = condition;
    const shown = (field: string, at = node) => this.cells.column(at, this.names.id(field)).values().next().value;
    const led = shown(RAFT.leader);
    if (led === undefined) return 'runs no server of Raft';
    const told = led === '' ? 'no leader' : `${led} as leader`;
    if (leader === 'any') {
      const first = shown(RAFT.leader, nodes[0]);
      if (led === '') return 'shows no leader';
      if (led !== first) return `shows ${told}, and ${this.nodes[nodes[0] as number]} shows ${first || 'none'}`;
    } else if (leader !== undefined && led !== (leader === 'none' ? '' : leader)) {
      return `shows ${told}`;
    }
    if (led === except) return `shows ${told}`;
    if (role !== undefined && shown(RAFT.role) !== role) return `shows the role ${shown(RAFT.role)}`;
    for (const [what, bounds, field] of [
      ['term', term, RAFT.term],
      ['commit index', commit, RAFT.commit],
    ] as const) {
      const number = Number(shown(field));
      if (bounds === undefined || (number >= (bounds.min ?? 0) && number <= (bounds.max ?? number))) continue;
      return `shows a ${what} of ${number}; expected one ${boundsInWords(bounds)}`;
    }
    const seats = String(shown(RAFT.voters))
      .split(' ')
      .filter((name) => name !== '');
    if (voters !== undefined && !sameSet(seats, voters)) return `shows the voters ${list(seats)}; expected ${list(voters)}`;
    return undefined;
  }

  /** The members that a node's agent shows, by status. */
  private members(node: number): Map<string, string[]> {
    const byStatus = new Map<string, string[]>();
    for (const [member, status] of this.cells.column(node, this.status)) {
      const same = byStatus.get(String(status));
      if (same === undefined) byStatus.set(String(status), [this.names.text(member)]);
      else same.push(this.names.text(member));
    }
    return byStatus;
  }
}

function lacksText(texts: readonly string[], test: TextTest): string | undefined {
  switch (test.type) {
    case 'includes': {
      const all = texts.join('\n');
      const absent = test.texts.find((text) => !all.includes(text));
      return absent === undefined ? undefined : JSON.stringify(absent);
    }
    case 'matches':
      return new RegExp(test.pattern, 'mu').test(texts.join('\n')) ? undefined : `a match of /${test.pattern}/`;
    case 'equals':
      return texts.some((text) => trimmed(text) === trimmed(test.text))
        ? undefined
        : `exactly ${JSON.stringify(trimmed(test.text))}`;
  }
}

const trimmed = (text: string): string => text.replace(/\n+$/, '');
const by = (of: string | undefined): string => (of === undefined ? '' : ` by \`${of}\``);
const list = (members: readonly string[]): string => (members.length === 0 ? 'nobody' : members.toSorted().join(', '));
const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === new Set(b).size && b.every((member) => a.includes(member));

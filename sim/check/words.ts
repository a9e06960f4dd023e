import { type Duration, formatDuration } from '../../core/time.ts';
import type { Bounds, Condition, Expectation, RaftTest, TextTest, Window } from '../scenario/plan.ts';

/** An expectation as a sentence, with its line where there is one: `by 2s serf-test01 lists as alive serf-test01 (line 68)`. */
export function expectationInWords(expectation: Extract<Expectation, { type: 'condition' }>, nodes: readonly string[]): string {
  const { condition, window, line, path } = expectation;
  return `${windowInWords(window)} ${conditionInWords(condition, nodes)} (${line === undefined ? path : `line ${line}`})`;
}

function windowInWords(window: Window): string {
  const time = (instant: number) => formatDuration(instant as Duration);
  switch (window.type) {
    case 'at':
      return `at ${time(window.at)}`;
    case 'by':
      return `by ${time(window.by)}`;
    case 'throughout':
      return `from ${time(window.from)} to ${time(window.until)}`;
  }
}

function conditionInWords(condition: Condition, nodes: readonly string[]): string {
  const names = condition.nodes.map((node) => nodes[node] ?? String(node));
  const who = names.length === 1 ? some(names) : `each of ${some(names)}`;
  const of = 'of' in condition && condition.of !== undefined ? `\`${condition.of}\` on ` : '';
  switch (condition.type) {
    case 'members': {
      const parts = STATUSES.flatMap((status) => {
        const members = condition[status];
        return members === undefined ? [] : [`${members.length === 0 ? 'nobody' : some(members)} as ${status}`];
      });
      return `${who} lists ${parts.join(', ')}`;
    }
    case 'output':
      return `${of}${who} has printed ${textInWords(condition.text)}`;
    case 'raft':
      return `${who} shows ${raftInWords(condition)}`;
    case 'exit':
      return `${of}${who} has ended with ${condition.code}`;
  }
}

const STATUSES = ['alive', 'failed', 'left', 'leaving'] as const;

/** Three names are a sentence, thirty are a number. */
const MOST_NAMES = 4;

const some = (names: readonly string[]): string =>
  names.length <= MOST_NAMES ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;

function raftInWords({ leader, except, role, term, commit, voters }: RaftTest): string {
  return [
    ...(leader === undefined ? [] : [leader === 'any' ? 'one leader' : leader === 'none' ? 'no leader' : `${leader} as leader`]),
    ...(except === undefined ? [] : [`not ${except}`]),
    ...(role === undefined ? [] : [`the role ${role}`]),
    ...(term === undefined ? [] : [`a term ${boundsInWords(term)}`]),
    ...(commit === undefined ? [] : [`a commit index ${boundsInWords(commit)}`]),
    ...(voters === undefined ? [] : [voters.length === 0 ? 'no voters' : `the voters ${some(voters)}`]),
  ].join(', ');
}

/** `of 3`, `of at least 3`, `of 3 to 5` */
export function boundsInWords({ min, max }: Bounds): string {
  if (min === max) return `of ${min}`;
  if (max === undefined) return `of at least ${min}`;
  return min === undefined ? `of at most ${max}` : `of ${min} to ${max}`;
}

function textInWords(test: TextTest): string {
  switch (test.type) {
    case 'includes':
      return some(test.texts.map((text) => JSON.stringify(text)));
    case 'matches':
      return `/${test.pattern}/`;
    case 'equals':
      return `exactly ${JSON.stringify(test.text.trimEnd())}`;
  }
}

import type { Complain } from './options.ts';
import { type Client, columns, missing, noOperands, table } from './serf-client.ts';
import type { Flags } from './serf-flags.ts';

/** What each action says before, after, and when it fails. */
const WORDS = {
  list: ['Asking all members for installed keys...', 'Keys gathered, listing cluster keys...', 'Failed to gather member keys'],
  install: ['Installing key on all members...', 'Successfully installed key!', 'Error installing key'],
  use: ['Changing primary key on all members...', 'Successfully changed primary key!', 'Error changing primary key'],
  remove: ['Removing key on all members...', 'Successfully removed key!', 'Error removing key'],
} as const;

type Action = keyof typeof WORDS;

const actionsOf = (flags: Flags): readonly Action[] => [
  ...(flags.has('list') ? (['list'] as const) : []),
  ...(['install', 'use', 'remove'] as const).filter((flag) => flags.text(flag)),
];

const actionOf = (flags: Flags): Action => actionsOf(flags)[0] ?? 'list';

/** `serf keys`: the keys of all members. */
export const keys: Client = {
  name: 'keys',
  table: table('keys', { install: 'text', use: 'text', remove: 'text', list: 'switch' }),
  failure: (flags) => `\n${WORDS[actionOf(flags)][2]}`,
  refuses: (flags) => (actionsOf(flags).length > 1 ? 'Only one of -install, -use, -remove, or -list allowed' : undefined),
  check(flags, complain: Complain) {
    noOperands(keys, flags, complain);
    const actions = actionsOf(flags);
    if (actions.length === 0) missing(complain, '`serf keys` needs one of -list, -install KEY, -use KEY and -remove KEY');
    if (actions.length > 1) missing(complain, '`serf keys` takes only one of -list, -install, -use and -remove');
  },
  before: (flags) => `==> ${WORDS[actionOf(flags)][0]}`,
  request(flags) {
    const action = actionOf(flags);
    return { type: 'keys', action, key: flags.text(action) ?? '' };
  },
  heard(answer, _last, { flags, tool }) {
    if (answer.type !== 'keys') return tool.end(1);
    const action = actionOf(flags);
    const [, done, failure] = WORDS[action];
    const { error, messages, keys: known, nodes } = answer.reply;
    if (error !== undefined) {
      if (messages.length > 0) tool.print(columns(messages.map(({ node, message }) => ['failed:', node, message])));
      tool.print(`\n${failure}: ${error}`);
      return tool.end(1);
    }
    tool.print(`==> ${done}`);
    if (action === 'list') tool.print(`\n${columns(known.map(({ key, count }) => [key, `[${count}/${nodes}]`]))}`);
    tool.end(0);
  },
};

import { tagsOf } from './serf-agent-options.ts';
import {
  type Client,
  expectFormat,
  expectName,
  expectTags,
  missing,
  noOperands,
  refusedName,
  refusedTag,
  refusesNothing,
  table,
} from './serf-client.ts';
import { info, rtt } from './serf-client-info.ts';
import { keys } from './serf-client-keys.ts';
import { query, reachability } from './serf-client-query.ts';
import type { Flags } from './serf-flags.ts';
import { formattedMembers, LEVELS, memberFilter } from './serf-output.ts';
import { DEFAULT_PORT, parseJoin } from './serf-place.ts';

const join: Client = {
  name: 'join',
  table: table('join', { replay: 'switch' }),
  failure: 'Error joining the cluster',
  refuses: ({ operands }) => (operands.length === 0 ? 'At least one address to join must be specified.' : undefined),
  check({ operands }, complain) {
    if (operands.length === 0) missing(complain, '`serf join` needs an address: serf join 10.0.0.1');
    for (const operand of operands) {
      if (operand.exact && parseJoin(operand.text, DEFAULT_PORT) === undefined) {
        complain(operand, `\`${operand.text}\` is no address such as 10.0.0.1 or 10.0.0.1:7946; names are not looked up here`);
      }
    }
  },
  request: (flags) => ({ type: 'join', addresses: flags.operands.map(({ text }) => text), replay: flags.has('replay') }),
  heard(answer, _last, { tool }) {
    if (answer.type === 'joined') tool.print(`Successfully joined cluster by contacting ${answer.contacted} nodes.`);
    tool.end(0);
  },
};

const members: Client = {
  name: 'members',
  table: table('members', { detailed: 'switch', format: 'text', name: 'text', role: 'text', status: 'text', tag: 'text' }),
  failure: 'Error retrieving members',
  refuses: (flags) => refusedTag(flags, 'tag'),
  check(flags, complain, warn) {
    noOperands(members, flags, complain);
    expectFormat(flags, complain);
    expectTags(flags, 'tag', complain, 'KEY=PATTERN');
    for (const word of ['name', 'role', 'status', 'tag'].flatMap((flag) => flags.words(flag))) {
      const pattern = { status: word.text, name: '', tags: {} };
      if (word.exact && typeof memberFilter(pattern) === 'string') warn(word, `\`${word.text}\` is no regular expression`);
    }
  },
  before: (flags) => (flags.text('role') ? "Deprecation warning: 'Role' has been replaced with 'Tags'" : undefined),
  request(flags) {
    const role = flags.text('role') ?? '';
    const tags = pairs([...flags.texts('tag'), ...(role === '' ? [] : [`role=${role}`])]);
    return { type: 'members', status: flags.text('status') ?? '', name: flags.text('name') ?? '', tags };
  },
  heard(answer, _last, { flags, tool }) {
    const form = { json: flags.text('format') === 'json', detailed: flags.has('detailed') };
    if (answer.type === 'members') tool.print(formattedMembers(answer.members, form));
    tool.end(0);
  },
};

const pairs = (texts: readonly string[]): Readonly<Record<string, string>> => {
  const tags = tagsOf(texts);
  return typeof tags === 'string' ? {} : tags;
};

const monitor: Client = {
  name: 'monitor',
  table: table('monitor', { 'log-level': 'text' }),
  failure: 'Error starting monitor',
  refuses: refusesNothing,
  check(flags, complain) {
    noOperands(monitor, flags, complain);
    for (const word of flags.words('log-level')) {
      if (word.exact && !LEVELS.includes(word.text.toUpperCase())) {
        complain(word, `\`-log-level\` takes ${LEVELS.join(', ')}, not \`${word.text}\``);
      }
    }
  },
  request: (flags) => ({ type: 'monitor', level: flags.text('log-level') ?? 'INFO' }),
  heard(answer, last, { tool }) {
    if (answer.type === 'line') tool.print(answer.line);
    if (last) tool.end(0);
  },
};

const leave: Client = {
  name: 'leave',
  table: table('leave'),
  failure: 'Error leaving',
  refuses: refusesNothing,
  check: (flags, complain) => noOperands(leave, flags, complain),
  request: () => ({ type: 'leave' }),
  heard(_answer, _last, { tool }) {
    tool.print('Graceful leave complete');
    tool.end(0);
  },
};

const forceLeave: Client = {
  name: 'force-leave',
  table: table('force-leave', { prune: 'switch' }),
  failure: 'Error force leaving',
  refuses: ({ operands }) => (operands.length === 1 ? undefined : 'A node name must be specified to force leave.'),
  check({ operands }, complain) {
    if (operands.length === 0) missing(complain, '`serf force-leave` needs the name of a member');
    for (const extra of operands.slice(1)) complain(extra, '`serf force-leave` takes one name, after its flags');
  },
  mentions: ({ operands }) => operands.slice(0, 1),
  request: (flags) => ({ type: 'force-leave', node: flags.operands[0]?.text ?? '', prune: flags.has('prune') }),
  heard: (_answer, _last, { tool }) => tool.end(0),
};

/** Bytes that an event may have when nobody says otherwise, with what is around it at least. */
const MOST_EVENT = 512;

const event: Client = {
  name: 'event',
  table: table('event', { coalesce: 'switch' }),
  failure: 'Error sending event',
  refuses: (flags) => refusedName('An event', flags),
  check(flags, complain, warn) {
    expectName('event', flags, complain);
    const { operands } = flags;
    const [name] = operands;
    const size = new TextEncoder().encode(operands.map(({ text }) => text).join('')).length;
    if (name !== undefined && operands.every(({ exact }) => exact) && size > MOST_EVENT) {
      warn(name, `the event has ${size} bytes, and agents take ${MOST_EVENT} unless user_event_size_limit says otherwise`);
    }
  },
  request: (flags) => ({ type: 'event', ...named(flags), coalesce: coalesces(flags) }),
  heard(_answer, _last, { flags, tool }) {
    tool.print(`Event '${named(flags).name}' dispatched! Coalescing enabled: ${coalesces(flags)}`);
    tool.end(0);
  },
};

const named = ({ operands }: Flags) => ({ name: operands[0]?.text ?? '', payload: operands[1]?.text ?? '' });
const coalesces = (flags: Flags): boolean => flags.text('coalesce') === undefined || flags.has('coalesce');

const tags: Client = {
  name: 'tags',
  table: table('tags', { set: 'text', delete: 'text' }),
  failure: 'Error setting tags',
  refuses: (flags) => refusedTag(flags, 'set'),
  check(flags, complain) {
    noOperands(tags, flags, complain);
    expectTags(flags, 'set', complain, 'KEY=VALUE');
    if (flags.words('set').length + flags.words('delete').length === 0) {
      missing(complain, '`serf tags` needs a tag to change: serf tags -set KEY=VALUE, or -delete KEY');
    }
  },
  request: (flags) => ({ type: 'tags', set: pairs(flags.texts('set')), remove: flags.texts('delete') }),
  heard(_answer, _last, { tool }) {
    tool.print('Successfully updated agent tags');
    tool.end(0);
  },
};

export const CLIENTS: readonly Client[] = [
  event,
  forceLeave,
  info,
  join,
  keys,
  leave,
  members,
  monitor,
  query,
  reachability,
  rtt,
  tags,
];

import { z } from 'zod';
import { mapping, oneOrMore } from './field.ts';
import { whole } from './number.ts';
import { name, pattern, text, who } from './text.ts';
import { time } from './time.ts';

const names = z.union([name, z.array(name)]);

export const members = mapping({
  on: who.describe('Who is asked: a host, a list, or `all`. Each of them must show it.'),
  alive: names.optional().describe('Exactly these are alive; `all` for all hosts.'),
  failed: names.optional().describe('Exactly these have failed.'),
  left: names.optional().describe('Exactly these have left.'),
  leaving: names.optional().describe('Exactly these are leaving.'),
})
  .refine(({ alive, failed, left, leaving }) => [alive, failed, left, leaving].some((each) => each !== undefined), {
    error: 'It names no members.\nAdd alive, failed, left or leaving. What is not named is not looked at.',
  })
  .meta({ id: 'Members' });

export const output = mapping({
  on: who.describe('Whose terminal. Each of them must show it.'),
  of: text.optional().describe('Only the output of command lines that begin like this.'),
  includes: oneOrMore(text).optional().describe('This text, or each of these, is in it.'),
  matches: pattern.optional().describe('This regular expression matches somewhere; ^ and $ are the ends of a line.'),
  equals: z.string().optional().describe('The whole output of one command is this, apart from line feeds at the end.'),
})
  .refine(({ includes, matches, equals }) => [includes, matches, equals].filter((each) => each !== undefined).length === 1, {
    error: 'Expected exactly one of includes, matches, equals.',
  })
  .meta({ id: 'Output' });

export const exit = mapping({
  on: who.describe('On which host. Each of them must show it.'),
  of: text.describe('The command line, or its beginning.'),
  code: whole('an exit status', 0, 255).describe('The status it ended with.'),
}).meta({ id: 'Exit' });

const count = (what: string) => whole(what, 0, Number.MAX_SAFE_INTEGER);
const bounds = z.union([
  count('a number'),
  mapping({
    min: count('a number').optional().describe('At least this.'),
    max: count('a number').optional().describe('At most this.'),
  }),
]);

export const raft = mapping({
  on: who.describe('Which servers are looked at. Each of them must show it.'),
  leader: name.optional().describe('Whom it takes for the leader; `none`; or `any`, one and the same for all of `on`.'),
  except: name.optional().describe('With `leader: any`: any but this one.'),
  role: z.enum(['follower', 'pre-candidate', 'candidate', 'leader']).optional().describe('What it is.'),
  term: bounds.optional().describe('Its term: a number, or at least `min` and at most `max`.'),
  commit: bounds.optional().describe('Up to where it knows the log to be committed.'),
  voters: z.array(name).optional().describe('Exactly these are the voters of the configuration that it acts by.'),
})
  .refine(({ on: _, except: __, ...shown }) => Object.values(shown).some((each) => each !== undefined), {
    error: 'It says nothing about the servers.\nAdd leader, role, term, commit or voters. What is not named is not looked at.',
  })
  .meta({ id: 'Raft' });

const conditionShape = {
  members: members.optional().describe('What `serf members` would show.'),
  output: output.optional().describe('What a host has printed.'),
  raft: raft.optional().describe('What servers of Raft show.'),
  exit: exit.optional().describe('What a command ended with.'),
};

const CONDITIONS = Object.keys(conditionShape) as (keyof typeof conditionShape)[];
const WINDOWS = 'Say when with one of: at (at that instant), by (at some instant up to it), from and until (all the time).';

export const expectation = mapping({
  at: time.optional().describe('It holds at this instant.'),
  by: time.optional().describe('It holds at some instant, this one at the latest.'),
  from: time.optional().describe('With `until`: it holds at every instant from here on.'),
  until: time.optional().describe('The end of `from`.'),
  ...conditionShape,
  violates: name.optional().describe('The run breaks this property: the scenario shows a bug.'),
})
  .check((context) => {
    const { at, by, from, until, violates, ...conditions } = context.value;
    const say = (message: string, path: string[] = []) =>
      context.issues.push({ code: 'custom', input: context.value, path, message });
    const given = CONDITIONS.filter((key) => conditions[key] !== undefined);
    if (given.length + (violates === undefined ? 0 : 1) !== 1) say(`Expected exactly one of ${CONDITIONS.join(', ')}, violates.`);
    const windows = [at, by, from ?? until].filter((each) => each !== undefined).length;
    if (given.length === 0 && violates !== undefined && windows > 0)
      say('A violation may come at any time.\nTake at, by, from and until away.');
    else if (given.length > 0 && windows === 0) say(`It says not when.\n${WINDOWS}`);
    else if (windows > 1) say(`It says in several ways when.\n${WINDOWS}`);
    else if (from !== undefined && until === undefined) say('from has no until.\nAdd until, the end of that time.', ['from']);
    else if (from === undefined && until !== undefined)
      say('until has no from.\nAdd from, the beginning of that time.', ['until']);
  })
  .meta({ id: 'Expectation' });

const property = name.describe('Its name.');

export const check = mapping({
  always: z.array(property).optional().describe('Invariants that hold at every step.'),
  eventually: z
    .array(
      z.union([property, mapping({ name: property, within: time.describe('How long it may take after faults have stopped.') })]),
    )
    .optional()
    .describe('What comes true once faults stop.'),
  sometimes: z.array(property).optional().describe('What the run must have reached at least once to have proved anything.'),
});

export const mark = mapping({
  at: time.optional().describe('A fixed instant.'),
  command: text.optional().describe('The moment a command line that begins like this is typed.'),
  on: who.optional().describe('With `command`: where; anywhere when absent.'),
  ...conditionShape,
})
  .check((context) => {
    const { at, command, on, ...conditions } = context.value;
    const keys = ['at', 'command', ...CONDITIONS];
    const given = [at, command, ...CONDITIONS.map((key) => conditions[key])].filter((each) => each !== undefined);
    const say = (message: string, path: string[] = []) =>
      context.issues.push({ code: 'custom', input: context.value, path, message });
    if (given.length !== 1) say(`Expected exactly one of ${keys.join(', ')}.`);
    else if (on !== undefined && command === undefined)
      say('on belongs to command here.\nWrite it into members, output or exit.', ['on']);
  })
  .meta({ id: 'Mark' });

export const measure = mapping({
  from: mark.describe('Where the clock starts: the first time this is so.'),
  to: mark.describe('Where it stops: the first time after that.'),
  unit: z.enum(['ns', 'us', 'ms', 's', 'm', 'h']).optional().describe('What it is shown in; s when absent.'),
  description: text.optional().describe('What it means.'),
});

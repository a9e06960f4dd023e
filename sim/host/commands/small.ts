import { formatAddress } from '../../../core/address.ts';
import { seconds } from '../../../core/time.ts';
import { parseWallClock } from '../clock.ts';
import { exactly, readOptions } from './options.ts';
import { type Argument, type Command, ended, type ToolApi, waits } from './registry.ts';

const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };

const SPAN = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/;
const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };

function spanOf(text: string): number | undefined {
  const match = SPAN.exec(text);
  return match === null ? undefined : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1);
}

/** `sleep` of coreutils: several times are added. */
export const sleep: Command = {
  name: 'sleep',

  check(args, { problem }) {
    if (args.length === 0) problem(NOWHERE, '`sleep` needs a time: sleep 1.5');
    for (const arg of args) {
      if (arg.exact && spanOf(arg.text) === undefined) problem(arg, `\`${arg.text}\` is no time; write 1.5, 10s, 2m, 1h`);
    }
  },

  start(args, tool) {
    const spans = args.map(spanOf);
    const wrong = spans.indexOf(undefined);
    if (wrong >= 0 || args.length === 0) {
      tool.complain(wrong >= 0 ? `sleep: invalid time interval ‘${args[wrong]}’` : 'sleep: missing operand');
      return ended(1);
    }
    tool.setTimer(0, seconds(spans.reduce((sum: number, span) => sum + (span ?? 0), 0)));
    return waits({});
  },

  timeout(_state: never, _kind: number, tool: ToolApi) {
    tool.end(0);
  },
};

/** `cat`: files one after another, or standard input. */
export const cat: Command = {
  name: 'cat',

  check(args, { problem }) {
    readOptions('cat', args, { flags: '', values: '' }, problem);
  },

  start(args, tool) {
    let status = 0;
    for (const path of args.length === 0 ? ['-'] : args) {
      const text = path === '-' ? tool.input() : tool.read(path);
      if (text === undefined) {
        tool.complain(`cat: ${path}: No such file or directory`);
        status = 1;
      } else {
        tool.write(text);
      }
    }
    return ended(status);
  },
};

/** `hostname`: the name, or with `-I` all addresses, each with a blank after it. */
export const hostname: Command = {
  name: 'hostname',

  check(args, { problem }) {
    const { operands } = readOptions('hostname', args, { flags: 'Is', values: '' }, problem);
    for (const operand of operands) problem(operand, '`hostname` only shows the name here');
  },

  start(words, tool) {
    const { given } = readOptions('hostname', exactly(words), { flags: 'Is', values: '' }, () => undefined);
    if (given.has('I')) {
      const addresses = tool.host.interfaces.flatMap((view) => view.addresses.map(({ address }) => `${formatAddress(address)} `));
      tool.print(addresses.join(''));
    } else {
      tool.print(given.has('s') ? tool.host.name.replace(/\..*/, '') : tool.host.name);
    }
    return ended(0);
  },
};

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** What `date` prints without a format, in the C locale; hosts keep UTC. */
const DEFAULT_DATE = '%a %b %e %H:%M:%S UTC %Y';
const CONVERSIONS = '%YmdeHMSsaFbTnt';

/** `date`: the host's wall clock, in UTC. */
export const date: Command = {
  name: 'date',

  check(args, { problem }) {
    const [format, extra] = readOptions('date', args, { flags: 'u', values: '' }, problem).operands;
    if (extra !== undefined) problem(extra, '`date` takes one format');
    if (!format?.exact) return;
    if (!format.text.startsWith('+')) problem(format, '`date` only shows the time here; a format begins with +');
    const unknown = [...format.text.matchAll(/%(.?)/gs)].find(
      ([, letter = '']) => letter === '' || !CONVERSIONS.includes(letter),
    );
    if (unknown !== undefined) {
      problem(format, `\`${unknown[0]}\` is no conversion that is known here; known are ${[...CONVERSIONS].join(' %')}`);
    }
  },

  start(args, tool) {
    const format = args.find((arg) => arg.startsWith('+'))?.slice(1) ?? DEFAULT_DATE;
    tool.print(formatDate(format, tool.wallClock()));
    return ended(0);
  },
};

/** @param now `2013/10/21 13:53:31` */
function formatDate(format: string, now: string): string {
  const [year = '', month = '', day = '', hour = '', minute = '', second = ''] = now.split(/[/ :]/);
  const since = parseWallClock(now) ?? 0;
  const weekday = ((Math.floor(since / 86_400) % 7) + 7) % 7;
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    Y: year,
    m: month,
    d: day,
    e: String(Number(day)).padStart(2),
    H: hour,
    M: minute,
    S: second,
    s: String(since),
    a: DAYS[weekday] ?? '',
    b: MONTHS[Number(month) - 1] ?? '',
    F: `${year}-${month}-${day}`,
    T: `${hour}:${minute}:${second}`,
    n: '\n',
    t: '\t',
  };
  return format.replace(/%(.)/gs, (whole, letter: string) => values[letter] ?? whole);
}

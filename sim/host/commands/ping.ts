import { type Address, contains, formatAddress, isLoopback, parseAddress } from '../../../core/address.ts';
import { seconds } from '../../../core/time.ts';
import type { EchoOutcome } from '../../network/upcalls.ts';
import { type Complain, exactly, numberOf, readOptions } from './options.ts';
import { type Argument, type Command, type EchoAnswer, ended, type ToolApi, waits } from './registry.ts';

/** How long the last requests are waited for when nothing has come back yet, in seconds: iputils' MAXWAIT. */
const LINGER = 10;
/** The largest data of an IPv4 datagram without its ICMP header. */
const LARGEST = 65_507;
/** A request smaller than this has no room for the time it was sent: iputils measures nothing then. */
const STAMP = 16;

const Timer = { send: 0, exit: 1, deadline: 2 } as const;

const ERRORS: Readonly<Record<Exclude<EchoOutcome, 'reply'>, string>> = {
  'ttl exceeded': 'Time to live exceeded',
  'host unreachable': 'Destination Host Unreachable',
  'net unreachable': 'Destination Net Unreachable',
};

interface Request {
  readonly to: Address;
  /** Requests to send; null for no end. */
  readonly count: number | null;
  readonly interval: number;
  readonly ttl: number;
  readonly size: number;
  readonly linger: number;
  readonly deadline: number | null;
  readonly quiet: boolean;
}

interface PingState {
  readonly request: Request;
  readonly startedAt: number;
  lastSentAt: number;
  transmitted: number;
  received: number;
  duplicates: number;
  errors: number;
  /** Of the round-trip times in microseconds. */
  sum: number;
  squares: number;
  least: number;
  most: number;
  /** Eight times their moving average. */
  moving: number;
  /** The most requests that were under way at once. */
  pipe: number;
  /** A bit for each of the 65 536 sequence numbers: answered. */
  readonly answered: Uint32Array;
}

/** `ping` of iputils 20221126, without the options that no simulated host could tell apart. */
export const ping: Command = {
  name: 'ping',

  check(args, { problem }) {
    read(args, problem);
  },

  start(words, tool) {
    const problems: string[] = [];
    const request = read(exactly(words), (_, says) => problems.push(says));
    if (problems.length > 0 || request === undefined) {
      tool.complain(`ping: ${problems[0]}`);
      return ended(2);
    }
    const broadcasts = tool.interfaces().flatMap(({ addresses }) => addresses.map(({ broadcast }) => broadcast));
    if (request.to === 0xff_ff_ff_ff || broadcasts.includes(request.to)) {
      tool.complain('ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules');
      return ended(2);
    }
    if (!isLoopback(request.to) && !tool.routes().some(({ prefix }) => contains(prefix, request.to))) {
      tool.complain('ping: connect: Network is unreachable');
      return ended(2);
    }
    const to = formatAddress(request.to);
    tool.print(`PING ${to} (${to}) ${request.size}(${request.size + 28}) bytes of data.`);
    const state: PingState = {
      request,
      startedAt: tool.now,
      lastSentAt: tool.now,
      transmitted: 0,
      received: 0,
      duplicates: 0,
      errors: 0,
      sum: 0,
      squares: 0,
      least: Number.MAX_SAFE_INTEGER,
      most: 0,
      moving: 0,
      pipe: 0,
      answered: new Uint32Array(2048),
    };
    if (request.deadline !== null) tool.setTimer(Timer.deadline, seconds(request.deadline));
    send(state, tool);
    return waits(state);
  },

  timeout(state: PingState, kind, tool) {
    if (kind === Timer.send) send(state, tool);
    else finish(state, tool);
  },

  echoed(state: PingState, answer, tool) {
    if (answer.type === 'reply') replied(state, answer, tool);
    else failed(state, answer, answer.type, tool);
    const { count, deadline } = state.request;
    if (state.received + state.errors >= (count ?? Number.POSITIVE_INFINITY) || (deadline !== null && state.errors > 0)) {
      finish(state, tool);
    }
  },

  signal(state: PingState, signal, tool) {
    if (signal === 'INT') finish(state, tool);
    else if (signal === 'QUIT') tool.complain(snapshot(state));
    else tool.die(signal);
  },
};

function read(args: readonly Argument[], complain: Complain): Request | undefined {
  const { given, operands } = readOptions('ping', args, { flags: '4nq', values: 'citsWw' }, complain);
  const [target, extra] = operands;
  const number = (letter: string, least: number, most: number, whole: boolean): number | undefined =>
    numberOf(given.get(letter), { least, most, whole }, complain);
  const count = number('c', 1, Number.MAX_SAFE_INTEGER, true);
  const interval = number('i', 0.001, 2_147_483, false);
  const ttl = number('t', 1, 255, true);
  const size = number('s', 0, LARGEST, true);
  const linger = number('W', 0.001, 2_147_483, false);
  const deadline = number('w', 0.001, 2_147_483, false);
  if (target === undefined) {
    complain(args.at(-1) ?? { text: '', exact: true, line: 1, column: 1 }, 'usage error: Destination address required');
    return undefined;
  }
  if (extra !== undefined) complain(extra, 'one destination at a time');
  const to = target.exact ? parseAddress(target.text) : undefined;
  if (target.exact && to === undefined) {
    complain(target, `${target.text}: Name or service not known; there is no name service here, write an IPv4 address`);
  }
  if (to === undefined) return undefined;
  return {
    to,
    count: count ?? null,
    interval: interval ?? 1,
    ttl: ttl ?? 64,
    size: size ?? 56,
    linger: linger ?? LINGER,
    deadline: deadline ?? null,
    quiet: given.has('q'),
  };
}

function send(state: PingState, tool: ToolApi): void {
  const { to, count, interval, ttl, size, linger, deadline } = state.request;
  const sequence = (state.transmitted + 1) & 0xffff;
  mark(state, sequence, false);
  state.transmitted++;
  state.lastSentAt = tool.now;
  if (!tool.echo(to, { sequence, bytes: size, ttl })) tool.complain('ping: sendmsg: Network is unreachable');
  if (count === null || state.transmitted < count || deadline !== null) {
    tool.setTimer(Timer.send, seconds(interval));
  } else {
    // Twice the longest time so far is enough for the answers under way, if any time is known.
    const wait = state.received > 0 ? Math.max((2 * state.most) / 1e6, interval) : linger;
    tool.setTimer(Timer.exit, seconds(wait));
  }
}

function replied(state: PingState, answer: EchoAnswer, tool: ToolApi): void {
  const { size, quiet } = state.request;
  state.received++;
  acknowledge(state, answer.sequence);
  const timed = size >= STAMP;
  const time = Math.floor((tool.now - answer.sentAt) / 1_000);
  if (timed) {
    state.sum += time;
    state.squares += time * time;
    state.moving += state.moving === 0 ? time * 8 : time - Math.floor(state.moving / 8);
    state.least = Math.min(state.least, time);
    state.most = Math.max(state.most, time);
  }
  const duplicate = isMarked(state, answer.sequence);
  if (duplicate) {
    state.duplicates++;
    state.received--;
  }
  mark(state, answer.sequence, true);
  if (quiet) return;
  const measured = timed ? ` time=${formatTime(time)} ms` : '';
  const from = formatAddress(answer.from);
  tool.print(
    `${answer.bytes} bytes from ${from}: icmp_seq=${answer.sequence} ttl=${answer.ttl}${measured}${duplicate ? ' (DUP!)' : ''}`,
  );
}

function failed(state: PingState, answer: EchoAnswer, type: Exclude<EchoOutcome, 'reply'>, tool: ToolApi): void {
  state.errors++;
  acknowledge(state, answer.sequence);
  if (!state.request.quiet) tool.print(`From ${formatAddress(answer.from)} icmp_seq=${answer.sequence} ${ERRORS[type]}`);
}

function acknowledge(state: PingState, sequence: number): void {
  const behind = (state.transmitted - sequence) & 0xffff;
  if (behind <= 0x7fff) state.pipe = Math.max(state.pipe, behind + 1);
}

function finish(state: PingState, tool: ToolApi): void {
  const { to, size, count, deadline } = state.request;
  const { transmitted, received, duplicates, errors } = state;
  const lines = ['', `--- ${formatAddress(to)} ping statistics ---`];
  const lost = ((transmitted - received) * 100) / transmitted;
  lines.push(
    `${transmitted} packets transmitted, ${received} received` +
      (duplicates > 0 ? `, +${duplicates} duplicates` : '') +
      (errors > 0 ? `, +${errors} errors` : '') +
      `, ${sixDigits(lost)}% packet loss, time ${Math.floor((state.lastSentAt - state.startedAt + 500_000) / 1e6)}ms`,
  );
  const last: string[] = [];
  if (received > 0 && size >= STAMP) {
    const total = received + duplicates;
    const mean = Math.floor(state.sum / total);
    const variance = Math.trunc((state.squares - Math.floor((state.sum * state.sum) / total)) / total);
    const times = [state.least, mean, state.most, integerRoot(variance)];
    last.push(`rtt min/avg/max/mdev = ${times.map(milliseconds).join('/')} ms`);
  }
  if (state.pipe > 1) last.push(`pipe ${state.pipe}`);
  lines.push(last.join(', '));
  tool.print(lines.join('\n'));
  tool.end(received === 0 || (deadline !== null && received < (count ?? 0)) ? 1 : 0);
}

/** What SIGQUIT asks for. */
function snapshot(state: PingState): string {
  const { transmitted, received, sum, least, most, moving } = state;
  const loss = transmitted === 0 ? 0 : Math.floor(((transmitted - received) * 100) / transmitted);
  const total = received + state.duplicates;
  const times = [least, Math.floor(sum / total), Math.floor(moving / 8), most].map(milliseconds).join('/');
  const measured = received > 0 && state.request.size >= STAMP ? `, min/avg/ewma/max = ${times} ms` : '';
  return `${received}/${transmitted} packets, ${loss}% loss${measured}`;
}

const isMarked = ({ answered }: PingState, sequence: number): boolean =>
  (((answered[sequence >>> 5] as number) >>> (sequence & 31)) & 1) === 1;

function mark({ answered }: PingState, sequence: number, on: boolean): void {
  const bit = 1 << (sequence & 31);
  answered[sequence >>> 5] = on ? (answered[sequence >>> 5] as number) | bit : (answered[sequence >>> 5] as number) & ~bit;
}

/** Microseconds as milliseconds with three decimals. */
const milliseconds = (micro: number): string => `${Math.floor(micro / 1_000)}.${String(micro % 1_000).padStart(3, '0')}`;

/** Microseconds as milliseconds, in three digits or more where there are more: 0.333, 1.23, 30.1, 101. */
function formatTime(micro: number): string {
  if (micro >= 100_000 - 50) return String(Math.floor((micro + 500) / 1_000));
  if (micro >= 10_000 - 5) return `${Math.floor((micro + 50) / 1_000)}.${Math.floor(((micro + 50) % 1_000) / 100)}`;
  if (micro < 1_000) return milliseconds(micro);
  return `${Math.floor((micro + 5) / 1_000)}.${String(Math.floor(((micro + 5) % 1_000) / 10)).padStart(2, '0')}`;
}

/** A percentage as C's `%g` writes it: at most six digits, no zeros at the end. */
const sixDigits = (percent: number): string => String(Number(percent.toPrecision(6)));

/** Newton's square root as iputils ends it: it may be one above the exact root when the argument is one below a square. */
function integerRoot(square: number): number {
  let before = Number.MAX_SAFE_INTEGER;
  let root = square;
  while (root > 0 && root < before) {
    before = root;
    root = Math.floor((root + Math.floor(square / root)) / 2);
  }
  return root;
}

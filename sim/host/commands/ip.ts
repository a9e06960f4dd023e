import { formatAddress, formatPrefix, prefixOf } from '../../../core/address.ts';
import type { InterfaceView, NeighbourView, RouteView } from '../../network/view.ts';
import type { Complain } from './options.ts';
import { exactly } from './options.ts';
import { type Argument, type Command, ended, type ToolApi } from './registry.ts';

const OBJECTS = ['address', 'route', 'neighbour', 'link'] as const;
type Subject = (typeof OBJECTS)[number];

interface Question {
  readonly about: Subject;
  /** `-4`: no link-layer lines. */
  readonly four: boolean;
  readonly device: string | undefined;
}

/** `ip` of iproute2 6.1, as far as it shows things: `ip addr`, `ip -4 addr`, `ip route`, `ip neigh`, `ip link`. */
export const ip: Command = {
  name: 'ip',

  check(args, { problem, host }) {
    const question = read(args, problem);
    const device = question?.device;
    if (device !== undefined && device !== 'lo' && !host.interfaces.some(({ name }) => name === device)) {
      const at = args.find(({ text }) => text === device);
      const names = ['lo', ...host.interfaces.map(({ name }) => name)].join(', ');
      if (at?.exact) problem(at, `${host.name} has no interface \`${device}\`, but ${names}`);
    }
  },

  start(words, tool) {
    const problems: string[] = [];
    const question = read(exactly(words), (_, says) => problems.push(says));
    if (question === undefined || problems.length > 0) {
      tool.complain(problems[0] ?? 'ip: what?');
      return ended(255);
    }
    if (question.device !== undefined && !tool.interfaces().some(({ name }) => name === question.device)) {
      tool.complain(`Device "${question.device}" does not exist.`);
      return ended(1);
    }
    const lines = answer(question, tool);
    if (lines.length > 0) tool.print(lines.join('\n'));
    return ended(0);
  },
};

/** Words of `ip` may be shortened: `ip a`, `ip r`, `ip n`. */
function read(args: readonly Argument[], complain: Complain): Question | undefined {
  const first = args[0]?.text === '-4' ? 1 : 0;
  const [object, verb] = args.slice(first);
  const nowhere = args.at(-1) ?? { text: '', exact: true, line: 1, column: 1 };
  if (object === undefined) {
    complain(nowhere, `\`ip\` needs to know what to show: ${OBJECTS.join(', ')}`);
    return undefined;
  }
  const about =
    object.text === '' ? undefined : OBJECTS.find((name) => name.startsWith(object.text) || spelled(name, object.text));
  if (object.exact && about === undefined) {
    const says = object.text.startsWith('-')
      ? `Option "${object.text}" is unknown, try "ip -help"; here it is -4 or nothing`
      : `Object "${object.text}" is unknown, try "ip help"; known here are ${OBJECTS.join(', ')}`;
    complain(object, says);
  }
  const shows =
    verb === undefined || ['show', 'list', 'lst', 'ls'].some((word) => verb.text !== '' && word.startsWith(verb.text));
  const rest = args.slice(first + (verb === undefined || shows ? 2 : 1));
  const [keyword, value, ...more] = rest;
  const device = keyword?.text === 'dev' ? value : keyword;
  const named = device === undefined || about === 'address' || about === 'link' || keyword?.text === 'dev';
  if (keyword?.exact && (!named || device === undefined)) {
    complain(keyword, `\`ip ${about}\` only shows things here: ip ${about} [show] [dev NAME]`);
  }
  const extra = keyword?.text === 'dev' ? more[0] : value;
  if (extra !== undefined) complain(extra, `\`ip ${about}\` takes nothing more here than the name of a device`);
  return about === undefined ? undefined : { about, four: first === 1, device: device?.text };
}

/** Spellings that are no beginnings of ours. */
const spelled = (subject: Subject, text: string): boolean => subject === 'neighbour' && (text === 'neighbor' || text === 'neigh');

function answer({ about, four, device }: Question, tool: ToolApi): string[] {
  const chosen = <T extends { readonly interface: string }>(lines: readonly T[]): T[] =>
    lines.filter((line) => device === undefined || line.interface === device);
  switch (about) {
    case 'route':
      return chosen(tool.routes()).map(route);
    case 'neighbour':
      return chosen(tool.neighbours()).map(neighbour);
    default: {
      const interfaces = tool.interfaces().filter(({ name }) => device === undefined || name === device);
      if (about === 'link') return interfaces.flatMap((view) => link(view, ' mode DEFAULT', false));
      // Asked for IPv4 alone, it leaves out who has no such address.
      const shown = interfaces.filter(({ addresses }) => !four || addresses.length > 0);
      return shown.flatMap((view) => [...link(view, '', four), ...addresses(view)]);
    }
  }
}

function link({ index, name, mac, mtu, loopback, up }: InterfaceView, mode: string, four: boolean): string[] {
  const parent = name.includes('.') ? `@${name.slice(0, name.indexOf('.'))}` : '';
  const flags = [loopback ? 'LOOPBACK' : 'BROADCAST,MULTICAST', ...(up ? ['UP', 'LOWER_UP'] : [])].join(',');
  const queue = loopback || parent !== '' ? 'noqueue' : 'pfifo_fast';
  const state = loopback ? 'UNKNOWN' : up ? 'UP' : 'DOWN';
  const first = `${index}: ${name}${parent}: <${flags}> mtu ${mtu} qdisc ${queue} state ${state}${mode} group default qlen 1000`;
  if (four) return [first];
  return [
    first,
    `    link/${loopback ? 'loopback' : 'ether'} ${mac} brd ${loopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'}`,
  ];
}

function addresses({ name, loopback, addresses: given }: InterfaceView): string[] {
  const primaries: string[] = [];
  const lines: { readonly secondary: boolean; readonly text: string }[] = [];
  for (const { address, length, broadcast } of given) {
    const subnet = formatPrefix(prefixOf(address, length));
    const secondary = primaries.includes(subnet);
    primaries.push(subnet);
    const brd = broadcast === undefined ? '' : ` brd ${formatAddress(broadcast)}`;
    const scope = loopback ? 'host' : 'global';
    const text = `    inet ${formatAddress(address)}/${length}${brd} scope ${scope}${secondary ? ' secondary' : ''} ${name}`;
    lines.push({ secondary, text });
  }
  // The kernel lists first those that opened a subnet.
  const ordered = [...lines.filter(({ secondary }) => !secondary), ...lines.filter(({ secondary }) => secondary)];
  return ordered.flatMap(({ text }) => [text, '       valid_lft forever preferred_lft forever']);
}

/** A blank at the end of each line is the original's. */
function route({ prefix, via, interface: name, metric, source }: RouteView): string {
  const host = prefix.length === 32 ? '' : `/${prefix.length}`;
  const to = prefix.length === 0 ? 'default' : `${formatAddress(prefix.base)}${host}`;
  const connected = source === undefined ? '' : ` src ${formatAddress(source)}`;
  const how = via === undefined ? ` dev ${name} proto kernel scope link${connected}` : ` via ${formatAddress(via)} dev ${name}`;
  return `${to}${how}${metric === 0 ? '' : ` metric ${metric}`} `;
}

function neighbour({ address, mac, interface: name, state }: NeighbourView): string {
  return `${formatAddress(address)} dev ${name}${mac === undefined ? '' : ` lladdr ${mac}`} ${state.toUpperCase()} `;
}

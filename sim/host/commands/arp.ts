import { formatAddress, parseAddress } from '../../../core/address.ts';
import type { NeighbourView } from '../../network/view.ts';
import { type Complain, exactly, readOptions } from './options.ts';
import { type Argument, type Command, ended } from './registry.ts';

/** `arp` of net-tools 2.10: `arp -an`, `arp -n`, of all neighbours or one. */
export const arp: Command = {
  name: 'arp',

  check(args, { problem }) {
    read(args, problem);
  },

  start(words, tool) {
    const problems: string[] = [];
    const { wide, target } = read(exactly(words), (_, says) => problems.push(says));
    if (problems.length > 0) {
      tool.complain(`arp: ${problems[0]}`);
      return ended(3);
    }
    const all = tool.neighbours();
    const shown = target === undefined ? all : all.filter(({ address }) => formatAddress(address) === target);
    if (shown.length === 0 && target !== undefined) {
      if (wide) tool.print(`arp: in ${all.length} entries no match found.`);
      else tool.print(`${target} (${target}) -- no entry`);
    } else if (shown.length > 0) {
      tool.print(wide ? shown.map(sentence).join('\n') : [HEADING, ...shown.map(row)].join('\n'));
    }
    return ended(0);
  },
};

/** `-a` chooses the form of BSD, in sentences; names are never looked up, so `-n` changes nothing. */
function read(args: readonly Argument[], complain: Complain): { readonly wide: boolean; readonly target: string | undefined } {
  const { given, operands } = readOptions('arp', args, { flags: 'an', values: '' }, complain);
  const [target, extra] = operands;
  if (extra !== undefined) complain(extra, '`arp` shows one address or all');
  if (target?.exact && parseAddress(target.text) === undefined) complain(target, `\`${target.text}\` is no IPv4 address`);
  return { wide: given.has('a'), target: target?.text };
}

function sentence({ address, mac, interface: name }: NeighbourView): string {
  return `? (${formatAddress(address)}) at ${mac === undefined ? '<incomplete>' : `${mac} [ether]`} on ${name}`;
}

const HEADING = 'Address                  HWtype  HWaddress           Flags Mask            Iface';

function row({ address, mac, interface: name }: NeighbourView): string {
  const type = mac === undefined ? '' : 'ether';
  const flags = mac === undefined ? '' : 'C';
  const start = `${formatAddress(address).padEnd(25)}${type.padEnd(8)}${(mac ?? '(incomplete)').padEnd(20)}${flags.padEnd(6)}`;
  return start.padEnd(75) + name;
}

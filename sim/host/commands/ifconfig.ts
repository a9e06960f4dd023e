import { formatAddress, netmaskOf, prefixOf } from '../../../core/address.ts';
import type { InterfaceView, Traffic } from '../../network/view.ts';
import { exactly, readOptions } from './options.ts';
import { type Command, ended } from './registry.ts';

const SPEC = { flags: 'a', values: '' } as const;

/** `ifconfig` of net-tools 2.10, as far as it shows interfaces. */
export const ifconfig: Command = {
  name: 'ifconfig',

  check(args, { problem, host }) {
    const [name, change] = readOptions('ifconfig', args, SPEC, problem).operands;
    if (name?.exact && name.text !== 'lo' && !host.interfaces.some((other) => other.name === name.text)) {
      const names = ['lo', ...host.interfaces.map((other) => other.name)].join(', ');
      problem(name, `${host.name} has no interface \`${name.text}\`, but ${names}`);
    }
    if (change !== undefined) problem(change, '`ifconfig` only shows interfaces here; to cut a link use an intervention');
  },

  start(words, tool) {
    const { given, operands } = readOptions('ifconfig', exactly(words), SPEC, () => undefined);
    const name = operands[0]?.text;
    const all = tool.interfaces();
    const chosen = all.filter((view) => (name === undefined ? view.up || given.has('a') : view.name === name));
    if (chosen.length === 0 && name !== undefined) {
      tool.complain(`${name}: error fetching interface information: Device not found`);
      return ended(1);
    }
    // Without a name the loopback comes last, because the original sorts by name.
    const sorted = [...chosen].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const view of sorted) tool.print(describe(view));
    return ended(0);
  },
};

function describe({ name, mac, mtu, loopback, up, addresses, received, sent }: InterfaceView): string {
  const flags = [
    ...(up ? ['UP'] : []),
    loopback ? 'LOOPBACK' : 'BROADCAST',
    ...(up ? ['RUNNING'] : []),
    ...(loopback ? [] : ['MULTICAST']),
  ];
  const bits = flags.reduce((sum, flag) => sum + (BITS[flag] ?? 0), 0);
  const [first] = addresses;
  const lines = [`${name}: flags=${bits}<${flags.join(',')}>  mtu ${mtu}`];
  if (first !== undefined) {
    const netmask = formatAddress(netmaskOf(prefixOf(first.address, first.length)));
    const broadcast = loopback ? '' : `  broadcast ${first.broadcast === undefined ? '0.0.0.0' : formatAddress(first.broadcast)}`;
    lines.push(`        inet ${formatAddress(first.address)}  netmask ${netmask}${broadcast}`);
  }
  lines.push(loopback ? '        loop  txqueuelen 1000  (Local Loopback)' : `        ether ${mac}  txqueuelen 1000  (Ethernet)`);
  lines.push(`        RX ${traffic(received)}`, '        RX errors 0  dropped 0  overruns 0  frame 0');
  lines.push(`        TX ${traffic(sent)}`, '        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0', '');
  return lines.join('\n');
}

/** Flags of netdevice(7). */
const BITS: Readonly<Record<string, number>> = { UP: 1, BROADCAST: 2, LOOPBACK: 8, RUNNING: 64, MULTICAST: 4096 };

const traffic = ({ packets, bytes }: Traffic): string => `packets ${packets}  bytes ${bytes} (${short(bytes)})`;

/** Bytes in the largest unit that leaves more than one, cut after one decimal. */
function short(bytes: number): string {
  let unit = 1;
  let name = 'B';
  for (const larger of ['KiB', 'MiB', 'GiB', 'TiB', 'PiB']) {
    if (bytes <= unit * 1024) break;
    unit *= 1024;
    name = larger;
  }
  const tenths = Math.floor((bytes * 10) / unit);
  return `${Math.floor(tenths / 10)}.${tenths % 10} ${name}`;
}

import { type Address, broadcastOf, contains, formatAddress, formatPrefix, type Prefix } from '../../../core/address.ts';
import type { InterfaceAddress, SegmentSpec } from '../../network/topology.ts';
import { formatPath, type Path } from '../problem.ts';
import { readHostAddress } from '../quantity.ts';
import type { Reporter } from './reporter.ts';

/** Gives out addresses: those that the scenario names, then the next free ones. */
export class Addresses {
  private readonly reporter: Reporter;
  /** Whose each address is. */
  private readonly owners = new Map<Address, string>();
  /** Where the search in each subnet goes on. */
  private readonly next = new Map<Address, number>();
  /** In a row of similar hosts the first mistake stands for those that follow from it. */
  private readonly complained = new Set<string>();

  constructor(reporter: Reporter) {
    this.reporter = reporter;
  }

  private complain(path: Path, message: string, hint: string): void {
    const key = formatPath(path);
    if (!this.complained.has(key)) this.reporter.say(path, message, hint);
    this.complained.add(key);
  }

  /**
   * Takes an address that the scenario names.
   *
   * @param step how far behind the written address this one is, in a row of similar hosts
   * @returns undefined, with a report, when it cannot be had
   */
  take(text: string, step: number, segment: SegmentSpec, owner: string, path: Path): InterfaceAddress | undefined {
    const { address: first, length } = readHostAddress(text) as { address: Address; length?: number };
    const address = Math.min(first + step, 0xff_ff_ff_ff) as Address;
    const shown = step === 0 ? formatAddress(address) : `${formatAddress(address)} for ${owner}`;
    if (segment.subnets.length === 0) return undefined;
    const subnet = segment.subnets.find((each) => contains(each, address));
    if (subnet === undefined) {
      const subnets = segment.subnets.map(formatPrefix).join(' and ');
      const which = segment.subnets.length === 1 ? 'subnet' : 'subnets';
      this.complain(
        path,
        `${shown} is outside the ${which} ${subnets} of segment ${segment.name}.`,
        rangeOf(segment.subnets[0] as Prefix),
      );
      return undefined;
    }
    if (length !== undefined && length !== subnet.length) {
      this.complain(
        path,
        `${text} has another length than its subnet, ${formatPrefix(subnet)} of segment ${segment.name}.`,
        `Write ${formatAddress(first)}/${subnet.length}.`,
      );
      return undefined;
    }
    if (subnet.length < 31 && (address === subnet.base || address === broadcastOf(subnet))) {
      const which = address === subnet.base ? 'network' : 'broadcast';
      this.complain(path, `${shown} is the ${which} address of ${formatPrefix(subnet)}.`, rangeOf(subnet));
      return undefined;
    }
    const other = this.owners.get(address);
    if (other !== undefined) {
      this.complain(
        path,
        other === owner
          ? `${owner} has the address ${formatAddress(address)} twice.`
          : `${shown} is the address of ${other} already.`,
        'Give each its own.',
      );
      return undefined;
    }
    this.owners.set(address, owner);
    return { address, length: subnet.length };
  }

  /** The next free address of a subnet; undefined, with a report, when there is none. */
  free(subnet: Prefix, segment: SegmentSpec, owner: string, path: Path): InterfaceAddress | undefined {
    const [first, last] = usable(subnet);
    let address = this.next.get(subnet.base) ?? first;
    while (address <= last && this.owners.has(address as Address)) address++;
    this.next.set(subnet.base, address + 1);
    if (address > last) {
      this.complain(
        path,
        `Subnet ${formatPrefix(subnet)} of segment ${segment.name} has no address left for ${owner}.`,
        'Make the subnet larger.',
      );
      return undefined;
    }
    this.owners.set(address as Address, owner);
    return { address: address as Address, length: subnet.length };
  }
}

/** The first and last address that a host can have. */
function usable(subnet: Prefix): [number, number] {
  const all = subnet.length >= 31 ? 0 : 1;
  return [subnet.base + all, broadcastOf(subnet) - all];
}

function rangeOf(subnet: Prefix): string {
  const [first, last] = usable(subnet);
  return `Take one from ${formatAddress(first as Address)} to ${formatAddress(last as Address)}.`;
}

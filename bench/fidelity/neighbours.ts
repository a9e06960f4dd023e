import { readFileSync, writeFileSync } from 'node:fs';

/** The largest first, when they are raised: the kernel keeps no order itself, but its tables must never look full. */
const LIMITS = [3, 2, 1].map((each) => `/proc/sys/net/ipv4/neigh/default/gc_thresh${each}`);

/** What the worlds at work have between them, with a wide margin: a hundred agents have a thousand entries. */
const ROOM = 65_536;

const before = new Map<string, string>();

/**
 * Lets the kernel keep all ARP entries of all namespaces. It counts them together, and above 512 it throws away what was not used for
 * five seconds, as no host does that is a machine of its own: who is then dialled in vain is told so after three seconds instead of ten.
 *
 * @returns why not; undefined when there is room
 */
export function makeRoomForNeighbours(): string | undefined {
  try {
    for (const limit of LIMITS) {
      const value = readFileSync(limit, 'utf8').trim();
      if (Number(value) >= ROOM) continue;
      writeFileSync(limit, String(ROOM));
      before.set(limit, value);
    }
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Sets the kernel's limits to what they were. */
export function putLimitsBack(): void {
  for (const limit of LIMITS.toReversed()) {
    const value = before.get(limit);
    if (value !== undefined) writeFileSync(limit, value);
  }
  before.clear();
}

import type { Topology } from './topology.ts';

/** Which switches reach each other in a VLAN, over the trunks that are up and carry it. Derived from the state of the trunks. */
export class Switches {
  /** Whether there are any: without them each segment is one bridge. */
  readonly exist: boolean;
  private readonly topology: Topology;
  /** For each VLAN, the island that each switch is on. */
  private readonly islands = new Map<number, Int32Array>();

  constructor(topology: Topology) {
    this.topology = topology;
    this.exist = (topology.switches?.length ?? 0) > 0;
  }

  /** A trunk was cut or healed, or the state restored. */
  changed(): void {
    this.islands.clear();
  }

  /** Whether a frame of the segment gets from one switch to the other. A segment without a VLAN does not cross trunks. */
  connected(segment: number, from: number, to: number, up: Uint8Array): boolean {
    if (from === to) return true;
    const vlan = this.topology.segments[segment]?.vlan;
    if (vlan === undefined) return false;
    let island = this.islands.get(vlan);
    if (island === undefined) {
      island = this.explore(vlan, up);
      this.islands.set(vlan, island);
    }
    return island[from] === island[to];
  }

  private explore(vlan: number, up: Uint8Array): Int32Array {
    const island = Int32Array.from(this.topology.switches ?? [], (_, index) => index);
    for (const [index, { between, vlans }] of (this.topology.trunks ?? []).entries()) {
      if (up[index] !== 1 || !vlans.includes(vlan)) continue;
      const joined = island[between[0]] as number;
      const gone = island[between[1]] as number;
      for (let i = 0; i < island.length; i++) if (island[i] === gone) island[i] = joined;
    }
    return island;
  }
}

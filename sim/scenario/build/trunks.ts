import type { SegmentSpec, TrunkSpec } from '../../network/topology.ts';
import type { Path } from '../problem.ts';
import type { ScenarioInput } from '../schema.ts';
import type { Reporter } from './reporter.ts';

/** The cables between switches. For each VLAN they form a forest. */
export function buildTrunks(
  { switches = [], trunks = [] }: ScenarioInput['network'],
  segments: readonly SegmentSpec[],
  reporter: Reporter,
): TrunkSpec[] {
  const known = segments.flatMap(({ vlan }) => (vlan === undefined ? [] : [vlan]));
  for (const [index, name] of switches.entries()) {
    if (switches.indexOf(name) !== index)
      reporter.say(['network', 'switches', index], `The switch ${name} is named twice.`, 'Name each switch once.');
  }
  const groups = new Map<number, Groups>();
  return trunks.flatMap(({ between, vlans }, index) => {
    const path: Path = ['network', 'trunks', index];
    const [a, b] = between.map((name, end) => {
      const found = switches.indexOf(name);
      if (found < 0) reporter.unknown([...path, 'between', end], 'switch', name);
      return found;
    }) as [number, number];
    if (a < 0 || b < 0) return [];
    if (a === b) {
      reporter.say([...path, 'between'], `The trunk leads from ${between[0]} to itself.`, 'Name two switches.');
      return [];
    }
    for (const [nth, vlan] of (vlans ?? []).entries()) {
      if (!known.includes(vlan)) reporter.say([...path, 'vlans', nth], `No segment is VLAN ${vlan}.`);
    }
    const carried = [...new Set(vlans ?? known)];
    for (const vlan of carried) {
      let group = groups.get(vlan);
      if (group === undefined) {
        group = new Groups();
        groups.set(vlan, group);
      }
      if (group.join(a, b)) continue;
      reporter.say(
        path,
        `This trunk closes a loop for VLAN ${vlan}: ${between[0]} and ${between[1]} are joined already.`,
        'Take the VLAN off one of the trunks; a loop would be a broadcast storm.',
      );
    }
    return [{ between: [a, b], vlans: carried }];
  });
}

/** Which switches are joined so far. */
class Groups {
  private readonly parents = new Map<number, number>();

  /** @returns false when the two were joined before */
  join(a: number, b: number): boolean {
    const [left, right] = [this.root(a), this.root(b)];
    if (left === right) return false;
    this.parents.set(left, right);
    return true;
  }

  private root(of: number): number {
    let at = of;
    for (let up = this.parents.get(at); up !== undefined; up = this.parents.get(at)) at = up;
    return at;
  }
}

import { add, type Instant } from '../../core/time.ts';
import type { Action } from '../scenario/plan.ts';
import type { Intervention } from './intervention.ts';

/** What the names of a world stand for. */
export interface Places {
  node(name: string): number;
  /** The place of the trunk between two switches. */
  trunk(between: readonly [string, string]): number;
}

/** Something that is done at an instant, and what is done when it is over. */
export interface Deed {
  readonly node: number;
  readonly begin: readonly Action[];
  readonly end: readonly Action[];
}

/** An entry about an instant, as what a timeline does then and when it is over; undefined for those that last or wait. */
export function deedOf(entry: Intervention, places: Places): Deed | undefined {
  if (entry.kind === 'trunk-cut') {
    const trunk = places.trunk(entry.trunk);
    return { node: -1, begin: [{ type: 'cut-trunk', trunk }], end: [{ type: 'heal-trunk', trunk }] };
  }
  const name = entry.kind === 'router-down' ? entry.router : 'host' in entry ? entry.host : undefined;
  if (name === undefined) return undefined;
  const node = places.node(name);
  const deed = (begin: readonly Action[], end: readonly Action[] = []): Deed => ({ node, begin, end });
  switch (entry.kind) {
    case 'host-crash':
      return deed([{ type: 'crash', node, torn: entry.torn ?? false }], [{ type: 'boot', node }]);
    case 'router-down':
      return deed([{ type: 'crash', node, torn: false }], [{ type: 'boot', node }]);
    case 'crash-wipe':
      return deed(
        [
          { type: 'crash', node, torn: false },
          { type: 'wipe', node },
        ],
        [{ type: 'boot', node }],
      );
    case 'new-address':
      return deed(
        [{ type: 'crash', node, torn: false }],
        [
          { type: 'readdress', node, address: entry.address },
          { type: 'boot', node },
        ],
      );
    case 'host-pause':
      return deed([{ type: 'pause', node }], [{ type: 'resume', node }]);
    case 'process-restart':
      return deed([{ type: 'restart', node, of: entry.of }]);
    case 'revive':
      return deed([{ type: 'revive', node }]);
    case 'command':
      return deed([{ type: 'run', node, line: entry.run }]);
    case 'signal':
      return deed([{ type: 'signal', node, signal: entry.signal, of: entry.of }]);
    case 'clock-jump':
      return deed([{ type: 'jump', node, by: entry.by }]);
    case 'clock-drift':
      return deed([{ type: 'drift', node, drift: entry.drift }]);
    case 'disk-wipe':
      return deed([{ type: 'wipe', node }]);
    case 'corrupt-record':
      return deed([{ type: 'corrupt', node, file: entry.file, record: entry.record }]);
    default:
      return undefined;
  }
}

/** The restarts that a storm is made of. */
export function restartsOf({
  hosts,
  every,
  of,
  at,
  until,
}: Extract<Intervention, { readonly kind: 'restart-storm' }>): Extract<Intervention, { readonly kind: 'process-restart' }>[] {
  const restarts = [];
  let host = 0;
  // Without an end each has its turn once.
  const end = until ?? add(at, (every * hosts.length) as typeof every);
  for (let instant: Instant = at; instant < end && every > 0; instant = add(instant, every), host++) {
    const name = hosts[host % hosts.length] as string;
    restarts.push({ kind: 'process-restart' as const, host: name, at: instant, ...(of === undefined ? {} : { of }) });
  }
  return restarts;
}

import type { Action } from '../scenario/plan.ts';
import type { Intervention } from './intervention.ts';

/** An entry about an instant, as what a timeline does then and when it is over; undefined for those that last or wait. */
export function actionsOf(entry: Intervention, node: number): { readonly begin: Action; readonly end?: Action } | undefined {
  switch (entry.kind) {
    case 'host-crash':
      return { begin: { type: 'crash', node, torn: entry.torn ?? false }, end: { type: 'boot', node } };
    case 'host-pause':
      return { begin: { type: 'pause', node }, end: { type: 'resume', node } };
    case 'process-restart':
      return { begin: { type: 'restart', node, of: entry.of } };
    case 'clock-jump':
      return { begin: { type: 'jump', node, by: entry.by } };
    case 'clock-drift':
      return { begin: { type: 'drift', node, drift: entry.drift } };
    case 'command':
      return { begin: { type: 'run', node, line: entry.run } };
    case 'signal':
      return { begin: { type: 'signal', node, signal: entry.signal, of: entry.of } };
    case 'disk-wipe':
      return { begin: { type: 'wipe', node } };
    case 'corrupt-record':
      return { begin: { type: 'corrupt', node, file: entry.file, record: entry.record } };
    default:
      return undefined;
  }
}

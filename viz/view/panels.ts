import { mountCompare } from '../live/compare.ts';
import { mountDeeds } from '../live/deeds.ts';
import type { Picture } from '../model/picture.ts';
import { partsOf } from '../model/state-tables.ts';
import type { App } from './app.ts';
import { mountCharts } from './charts.ts';
import { mountChecks } from './checks.ts';
import { mountMembers } from './members.ts';
import { mountMoments } from './moments.ts';
import { hasRaft, mountRaft } from './raft.ts';
import { mountSpacetime } from './spacetime.ts';
import { mountState } from './state.ts';
import { mountTerminal } from './terminal.ts';
import { mountTopology } from './topology.ts';

/** Something that is shown of a run, behind a tab of its own. */
export interface Panel {
  readonly id: string;
  readonly name: string;
  /** Whether there is anything to show of this run; always, when absent. */
  readonly suits?: (picture: Picture, app: App) => boolean;
  /** What stands beside its name. */
  readonly count?: (picture: Picture) => string | undefined;
  readonly mount: (root: HTMLElement, app: App) => void;
}

/** The pictures, of which one at a time is on the stage. A protocol that wants a picture of its own adds it here. */
export const PICTURES: readonly Panel[] = [
  { id: 'network', name: 'Network', mount: mountTopology },
  { id: 'spacetime', name: 'Space-time', mount: mountSpacetime },
  { id: 'members', name: 'Members', suits: ({ members }) => members.observers.length > 0, mount: mountMembers },
  { id: 'raft', name: 'Raft', suits: hasRaft, mount: mountRaft },
  { id: 'charts', name: 'Charts', mount: mountCharts },
  { id: 'state', name: 'State', suits: ({ run }) => partsOf(run).length > 0, mount: mountState },
  { id: 'compare', name: 'Compare', mount: mountCompare },
];

/** What is read beside the picture. */
export const DESK: readonly Panel[] = [
  { id: 'terminal', name: 'Terminal', mount: mountTerminal },
  {
    id: 'checks',
    name: 'Checks',
    count: ({ run }) => (run.verdicts.length === 0 ? undefined : String(run.verdicts.length)),
    mount: mountChecks,
  },
  { id: 'moments', name: 'Moments', mount: mountMoments },
  { id: 'deeds', name: 'Interventions', suits: (_, { origin }) => origin !== undefined, mount: mountDeeds },
];

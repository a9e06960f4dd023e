import { Describer } from './describe.ts';
import { Density } from './histogram.ts';
import { type Layout, layoutOf } from './layout.ts';
import { markersOf } from './markers.ts';
import { Members } from './members.ts';
import { Nodes } from './nodes.ts';
import { Packets } from './packets.ts';
import type { Marker, Run } from './run.ts';
import { Terminals } from './terminal.ts';

/** A run, or a window of one, and what the views ask of it, indexed once when it is opened. */
export interface Picture {
  readonly run: Run;
  readonly layout: Layout;
  readonly packets: Packets;
  readonly nodes: Nodes;
  readonly terminals: Terminals;
  readonly members: Members;
  readonly density: Density;
  readonly markers: readonly Marker[];
  readonly describer: Describer;
}

export function pictureOf(run: Run): Picture {
  return {
    run,
    layout: layoutOf(run.topology),
    packets: new Packets(run),
    nodes: new Nodes(run),
    terminals: new Terminals(run),
    members: new Members(run),
    density: new Density(run),
    markers: markersOf(run),
    describer: new Describer(run),
  };
}

import { Describer } from './describe.ts';
import { type FaultBand, faultsOf } from './faults.ts';
import { Density } from './histogram.ts';
import { type Layout, layoutOf } from './layout.ts';
import { markersOf } from './markers.ts';
import { Members } from './members.ts';
import { Nodes } from './nodes.ts';
import { once } from './once.ts';
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
  readonly faults: readonly FaultBand[];
  readonly describer: Describer;
}

/**
 * Each part is made when it is first asked for: a page that is turned quickly asks for few.
 *
 * @param other a picture of another window of the same run, whose plan stays as it is
 */
export function pictureOf(run: Run, other?: Picture): Picture {
  const layout = other?.run.topology === run.topology ? other.layout : layoutOf(run.topology);
  const parts = {
    packets: once(() => new Packets(run)),
    nodes: once(() => new Nodes(run)),
    terminals: once(() => new Terminals(run)),
    members: once(() => new Members(run)),
    density: once(() => new Density(run)),
    markers: once(() => markersOf(run)),
    faults: once(() => faultsOf(run)),
    describer: once(() => new Describer(run)),
  };
  return {
    run,
    layout,
    get packets() {
      return parts.packets();
    },
    get nodes() {
      return parts.nodes();
    },
    get terminals() {
      return parts.terminals();
    },
    get members() {
      return parts.members();
    },
    get density() {
      return parts.density();
    },
    get markers() {
      return parts.markers();
    },
    get faults() {
      return parts.faults();
    },
    get describer() {
      return parts.describer();
    },
  };
}

import type { NameId } from '../../core/names.ts';
import { between, type Duration, type Instant, START } from '../../core/time.ts';
import { kindsOf, type Sink } from '../engine/journal.ts';
import type { World } from '../world.ts';
import { agreement } from './agreement.ts';
import type { Cells } from './cells.ts';
import { HEALTH, INCARNATION, STATE, STATUS } from './observed.ts';

/** Follows how long agents have agreed, all in good health, without changing anything of what they hold of each other. */
export class Calm implements Sink {
  readonly kinds = kindsOf();

  private readonly world: World;
  private readonly cells: Cells;
  private readonly fields: ReadonlySet<NameId>;
  /** What changed last. */
  private changed: { at: Instant; node: number; subject: NameId; field: NameId; value: number | string } | undefined;

  constructor(world: World, cells: Cells) {
    this.world = world;
    this.cells = cells;
    this.fields = new Set([STATE, INCARNATION, HEALTH, STATUS].map((field) => world.names.id(field)));
    world.journal.sinks.push(this);
  }

  record(): void {}

  cell(_id: number, at: number, node: number, subject: NameId, field: NameId, value: number | string): void {
    if (this.fields.has(field)) this.changed = { at: at as Instant, node, subject, field, value };
  }

  /** What keeps the agents from having been calm for so long, in words. @param excused as for agreement */
  missing(lasts: Duration, excused: ReadonlySet<NameId>): string | undefined {
    const { world, cells } = this;
    const wrong = agreement(world, cells, undefined, excused) ?? this.unwell();
    if (wrong !== undefined) return wrong;
    const since = between(this.changed?.at ?? START, world.now);
    return since >= lasts ? undefined : `to change nothing; lately ${this.lately()}`;
  }

  private lately(): string {
    if (this.changed === undefined) return 'nothing';
    const { names, plan } = this.world;
    const { node, subject, field, value } = this.changed;
    const shown = `${names.text(field)} of ${names.text(subject)} as ${value === '' ? 'unknown' : value}`;
    return `${plan.topology.nodes[node]?.name} shows ${shown}`;
  }

  /** An agent that does not trust itself, though it has somebody to probe. */
  private unwell(): string | undefined {
    const { names, plan } = this.world;
    for (const { node, name } of plan.hosts) {
      const statuses = [...this.cells.column(node, names.id(STATUS)).values()];
      if (statuses.filter((shown) => shown === 'alive').length < 2) continue;
      for (const [, health] of this.cells.column(node, names.id(HEALTH))) {
        if (Number(health) > 0) return `${name} has health ${health}`;
      }
    }
    return undefined;
  }
}

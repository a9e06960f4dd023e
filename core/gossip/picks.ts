import type { NameId } from '../names.ts';
import type { Duration, Instant } from '../time.ts';
import type { Choice } from './choose.ts';
import type { Gossip } from './gossip.ts';
import { ageOf, statusOf } from './members.ts';
import { isLive } from './status.ts';

/**
 * Random members for each purpose. The result of one choice is overwritten by the next.
 *
 * The three questions who is eligible are made once for each node: a gossiping node chooses five times a second, and a function and a
 * record made for each choice were a tenth of what gossip takes.
 */
export class Picks {
  private readonly g: Gossip;
  private readonly chosen: NameId[] = [];
  private readonly choice: { -readonly [key in keyof Choice]: Choice[key] };
  /** What the present question is about; without meaning between choices. */
  private now = 0 as Instant;
  private target = 0 as NameId;

  constructor(g: Gossip) {
    this.g = g;
    const { random, quirks, state } = g;
    this.choice = { members: state.members, random, count: 0, eligible: this.mayHear, sampling: quirks.kChoiceSampling };
  }

  /** Whom a round of gossip goes to. */
  gossip(now: Instant): readonly NameId[] {
    this.now = now;
    return this.some(this.g.config.gossipNodes, this.mayHear);
  }

  /** Who is asked to ping a member that does not answer. */
  helpers(target: NameId): readonly NameId[] {
    this.target = target;
    return this.some(this.g.config.indirectChecks, this.mayPing);
  }

  /** Whom to exchange states with. */
  peer(): NameId | undefined {
    return this.some(1, this.mayExchange)[0];
  }

  private some(count: number, eligible: Choice['eligible']): readonly NameId[] {
    const { choice, g } = this;
    choice.members = g.state.members; // another one after a restore
    choice.count = count;
    choice.eligible = eligible;
    return g.rules.choose(choice, this.chosen);
  }

  private readonly mayHear = (name: NameId): boolean => {
    const { rules, config, self, state } = this.g;
    const status = statusOf(state.members, name);
    if (name === self.name || status === undefined) return false;
    const age = isLive(status) ? (0 as Duration) : ageOf(state.members, name, this.now);
    return rules.mayGossipTo(status, age, config.gossipToTheDeadTime);
  };

  private readonly mayExchange = (name: NameId): boolean => {
    const { rules, self, state } = this.g;
    const status = statusOf(state.members, name);
    return name !== self.name && status !== undefined && rules.mayHelp(status);
  };

  private readonly mayPing = (name: NameId): boolean => name !== this.target && this.mayExchange(name);
}

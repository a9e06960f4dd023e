import type { NameId, Names } from '../../core/names.ts';
import { Kind, kindsOf, NOBODY, type Sink } from '../engine/journal.ts';
import type { Aim, Moment } from './intervention.ts';

interface SightsState {
  /** By node: what its server of Raft shows as its role. */
  readonly roles: Map<number, string>;
  /** Who became leader last; NOBODY for none yet, as with the others. */
  leader: number;
  /** Where a program started last. */
  newest: number;
  /** Whom an agent of Serf or memberlist pinged last, and whom one suspected last. */
  probed: number;
  suspected: number;
}

/**
 * What a strategy sees of a run: who has which part in what goes on, and the moments at which something begins. It looks at what anybody
 * can see, cells and messages, and not into protocols.
 */
export class Sights implements Sink {
  readonly kinds = kindsOf(Kind.send, Kind.start, Kind.crash, Kind.stop);
  readonly state: SightsState = { roles: new Map(), leader: NOBODY, newest: NOBODY, probed: NOBODY, suspected: NOBODY };

  private readonly names: Names;
  private readonly nodes: readonly string[];
  private readonly seen: (moment: Moment, subject: number) => void;

  /** @param seen told each moment, and to whom it happened */
  constructor(names: Names, nodes: readonly string[], seen: (moment: Moment, subject: number) => void) {
    this.names = names;
    this.nodes = nodes;
    this.seen = seen;
  }

  /**
   * The node that has this part now; undefined when there is none.
   *
   * @param draw from 0 to 1, to choose one of several
   */
  find(aim: Exclude<Aim, 'subject'>, draw: number): number | undefined {
    const { roles, leader, newest, probed, suspected } = this.state;
    const known = (node: number) => (node === NOBODY ? undefined : node);
    switch (aim) {
      case 'leader':
        return roles.get(leader) === 'leader' ? leader : undefined;
      case 'follower': {
        const followers = [...roles.keys()].filter((node) => roles.get(node) === 'follower');
        return followers[Math.floor(draw * followers.length)];
      }
      case 'newest':
        return known(newest);
      case 'probed':
        return known(probed);
      case 'suspected':
        return known(suspected);
    }
  }

  record(_id: number, _at: number, kind: number, node: number, peer: number, _cause: number, word: NameId): void {
    switch (kind) {
      case Kind.send:
        if (peer !== NOBODY && this.names.text(word) === 'ping') this.state.probed = peer;
        return;
      case Kind.start:
        this.state.newest = node;
        this.seen('start', node);
        return;
      case Kind.crash:
      case Kind.stop:
        this.state.roles.delete(node);
    }
  }

  cell(_id: number, _at: number, node: number, subject: NameId, field: NameId, value: number | string): void {
    const { state } = this;
    switch (this.names.text(field)) {
      case 'raft.role':
        state.roles.set(node, String(value));
        if (value === 'leader') {
          state.leader = node;
          this.seen('election', node);
        } else if (value === 'candidate') this.seen('campaign', node);
        return;
      case 'raft.vote':
        if (value !== '') this.seen('vote', node);
        return;
      case 'raft.commit':
        if (state.roles.get(node) === 'leader') this.seen('commit', node);
        return;
      case 'raft.snapshot':
        if (value !== 0) this.seen('snapshot', node);
        return;
      case 'raft.voters':
        this.seen('change', node);
        return;
      case 'gossip.state': {
        if (value !== 'suspect') return;
        const suspect = this.nodes.indexOf(this.names.text(subject));
        if (suspect < 0) return; // goes by another name than its host
        state.suspected = suspect;
        this.seen('suspicion', suspect);
      }
    }
  }
}

import type { Input } from '../../gossip/cluster.ts';
import type { Endpoint } from '../../names.ts';
import { type Instant, START } from '../../time.ts';
import type { SerfNotice } from '../events.ts';
import type { MemberStatus } from '../members.ts';
import type { SerfMessage } from '../message.ts';
import type { Serf } from '../serf.ts';
import type { Due } from './heard.ts';

/** What an agent was told of a member last. */
export interface Told {
  /** The event itself. */
  event: string;
  is: 'up' | 'failed' | 'left';
}

/** Something that goes straight to somebody, with nothing beside it. */
export interface Straight {
  readonly to: Endpoint;
  readonly message: SerfMessage;
}

/** One life of an agent, from its start to its end, as far as it was seen. Instants are those of its host's clock. */
export interface SerfLife {
  readonly serf: Serf;
  /** Notices that are not judged yet. */
  readonly notices: SerfNotice[];
  readonly told: Map<string, Told>;
  /** Since when members have been shown as failed or left. */
  readonly gone: Map<number, { status: MemberStatus; readonly since: Instant }>;
  readonly events: Set<string>;
  readonly queries: Set<string>;
  readonly answers: Set<string>;
  readonly closed: Set<number>;
  latestEvent: number;
  clocks: readonly number[];
  changed: boolean;
  /** Which of its process's protocols is given what, and when. */
  part: number;
  input: Input;
  now: Instant;
  /** Whether that had to wait for it; see `Life.late` of memberlist's watch. */
  late: boolean;
  lateAt: Instant | undefined;
  /** What the message that it is given must come to. */
  due: Due | undefined;
  /** What of Serf it has sent straight to somebody since it was last given something. */
  readonly sends: Straight[];
  /** Since when it has been saying that it leaves, and with which time. */
  leaves: { readonly at: Instant; readonly time: number } | undefined;
  /** Since when it has been telling its death. */
  dies: Instant | undefined;
  /** Since when it stays after its departure went out. */
  stays: Instant | undefined;
}

export const newLife = (serf: Serf): SerfLife => ({
  serf,
  notices: [],
  told: new Map(),
  gone: new Map(),
  events: new Set(),
  queries: new Set(),
  answers: new Set(),
  closed: new Set(),
  latestEvent: 0,
  clocks: [0, 0, 0],
  changed: true,
  part: -1,
  input: { type: 'start' },
  now: START,
  late: false,
  lateAt: undefined,
  due: undefined,
  sends: [],
  leaves: undefined,
  dies: undefined,
  stays: undefined,
});

/** Whether events of members are gathered before they are told, so that some are overtaken by others. */
export const gathersMembers = ({ serf: { config } }: SerfLife): boolean =>
  config.coalescePeriod > 0 && config.quiescentPeriod > 0;

/** The same of user events whose sender allows it. */
export const gathersEvents = ({ serf: { config } }: SerfLife): boolean =>
  config.userCoalescePeriod > 0 && config.userQuiescentPeriod > 0;

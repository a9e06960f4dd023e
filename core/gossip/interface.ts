import type { Endpoint, NameId, Names } from '../names.ts';
import type { Rng } from '../random.ts';
import type { Duration } from '../time.ts';
import type { Company } from './company.ts';
import type { GossipConfig } from './config.ts';
import type { Versions } from './description.ts';
import type { Quirks } from './quirks.ts';
import type { GossipRules } from './rules.ts';
import type { Dialect } from './size.ts';
import type { Status } from './status.ts';

/** Who a node is. */
export interface Self {
  readonly name: NameId;
  /** Where the others are told to reach it. */
  readonly address: Endpoint;
  /** 4 when it binds or advertises a specific address, 16 with the default 0.0.0.0. */
  readonly addressBytes: 4 | 16;
  readonly versions: Versions;
}

export interface GossipOptions {
  readonly self: Self;
  readonly config: GossipConfig;
  readonly quirks: Quirks;
  readonly names: Names;
  readonly random: Rng;
  readonly dialect?: Dialect;
  readonly rules?: GossipRules;
  /** What packets are encrypted with, in base64, the primary key first. None: they are not. */
  readonly keys?: readonly string[];
}

export type GossipCommand =
  /** `named`: each address came with the name of its member. */
  | { readonly command: 'join'; readonly addresses: readonly Endpoint[]; readonly named?: boolean }
  | { readonly command: 'leave'; readonly timeout: Duration }
  /** Pings once. Answered by the time it took, or why there was no answer. */
  | { readonly command: 'ping'; readonly node: NameId; readonly address: Endpoint }
  /** Makes this node know everybody, as if it had long been among them. Not answered. */
  | { readonly command: 'acquaint'; readonly company: Company }
  | { readonly command: 'members' };

/** One member as a node sees it. */
export interface MemberView {
  readonly name: NameId;
  readonly status: Status;
  readonly incarnation: number;
  readonly address: Endpoint;
}

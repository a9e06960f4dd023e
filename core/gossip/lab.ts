import type { NameId } from '../names.ts';
import type { Socket } from '../protocol.ts';
import { milliseconds, seconds } from '../time.ts';
import { Cluster, type Passing } from './cluster.ts';
import { type GossipConfig, LAN } from './config.ts';
import type { Delegate } from './delegate.ts';
import { Gossip } from './gossip.ts';
import type { Compound, GossipMessage, Single } from './message.ts';
import { QUIRKS, type Quirks } from './quirks.ts';

/** How the nodes of a lab are set up. */
export interface Setting {
  readonly config?: Partial<GossipConfig>;
  readonly quirks?: Quirks;
  readonly versions?: readonly [number, number, number, number, number, number];
  readonly keys?: readonly string[];
  readonly delegate?: Delegate;
}

/** memberlist alone on every node of a cluster, for tests. */
export class Lab extends Cluster {
  readonly setting: Setting;

  constructor(setting: Setting = {}, seed = 1) {
    super(seed);
    this.setting = setting;
  }

  start(name: string, special: Setting = {}): Gossip {
    const {
      config,
      quirks = QUIRKS['serf-0.10'],
      versions = [1, 5, 2, 2, 5, 5] as const,
      keys = [],
      delegate,
    } = {
      ...this.setting,
      ...special,
    };
    const [gossip] = this.boot(name, (place) => {
      const self = { name: place.name, address: place.endpoint, addressBytes: 4 as const, versions };
      const { names, random } = place;
      return [new Gossip({ self, config: { ...LAN, ...config }, quirks, names, random, keys })];
    });
    gossip.delegate = delegate;
    return gossip;
  }

  /** Starts `n1`, `n2`, … a while apart, joined through the first, and lets them settle. */
  gather(count: number, apart = milliseconds(130)): this {
    for (let i = 1; i <= count; i++) {
      this.start(`n${i}`);
      if (i > 1) this.join(`n${i}`, 'n1');
      this.run(apart);
    }
    this.run(seconds(10));
    return this;
  }

  join(name: string, to: string, id = 1): void {
    this.node(name).command(0, id, { command: 'join', addresses: [this.endpoint(to)] });
  }

  gossip(name: string): Gossip {
    return this.node(name).parts[0] as unknown as Gossip;
  }

  id(name: string): NameId {
    return this.names.id(name);
  }

  /** A datagram arrives. */
  tell(name: string, message: GossipMessage, from = name): void {
    const node = this.node(name);
    node.part(0).receive(this.now, 0 as Socket, this.endpoint(from), message as never, node.out(0));
  }

  /** What a node holds of another, such as `alive 1`. */
  view(observer: string, subject: string): string {
    const node = this.node(observer);
    return `${node.cell(subject, 'state') ?? ''} ${node.cell(subject, 'incarnation') ?? ''}`.trim();
  }

  logged(name: string, pattern: RegExp): string[] {
    return this.node(name).log.filter((line) => pattern.test(line));
  }
}

/** The messages of a packet. */
export const partsOf = ({ message }: Passing): Single[] =>
  message.type === 'compound' ? [...(message as Compound).parts] : [message as Single];

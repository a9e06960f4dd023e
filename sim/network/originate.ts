import { AssertionError } from '../../core/assert.ts';
import type { Endpoint, NameId, Names } from '../../core/names.ts';
import type { Packet, StreamHeader, Transport } from './packet.ts';
import type { NetworkState } from './state.ts';

const CACHED = 32;
const LAST_ORDINAL = 2 ** 31 - 1;

/** Makes the packets of all nodes and counts them: a packet's ordinal is its place among all that its host made since it booted. */
export class Originate {
  private readonly names: Names;
  private readonly state: NetworkState;
  /** Derived: names used lately, so that the table is not searched for every packet. */
  private readonly texts: string[] = Array(CACHED).fill('');
  private readonly ids: number[] = Array(CACHED).fill(0);

  constructor(names: Names, state: NetworkState) {
    this.names = names;
    this.state = state;
  }

  packet(
    source: number,
    from: Endpoint,
    to: Endpoint,
    transport: Transport,
    message: unknown,
    bytes: number,
    ttl: number,
    word: NameId = this.word(message, transport),
    header?: StreamHeader,
  ): Packet {
    const ordinal = this.ordinal(source);
    const boot = this.state.boot[source] as number;
    return { from, to, transport, message, word, bytes, source, boot, ordinal, ttl, header };
  }

  /** Takes the ordinal of a packet. */
  private ordinal(source: number): number {
    const ordinal = this.state.ordinal[source] as number;
    if (ordinal === LAST_ORDINAL)
      throw new AssertionError(`node ${source} has sent ${ordinal} packets, more than can be told apart`);
    this.state.ordinal[source] = ordinal + 1;
    return ordinal;
  }

  /** The message's `type`, or the transport's name for messages without one. */
  word(message: unknown, transport: Transport): NameId {
    if (typeof message === 'object' && message !== null) {
      const { type } = message as { readonly type?: unknown };
      if (typeof type === 'string') return this.id(type);
    }
    return this.id(transport);
  }

  /** To be called after the name table was restored. */
  restored(): void {
    this.texts.fill('');
  }

  private id(text: string): NameId {
    const place = (text.length * 5 + text.charCodeAt(0)) & (CACHED - 1);
    if (this.texts[place] === text) return this.ids[place] as NameId;
    const id = this.names.id(text);
    this.texts[place] = text;
    this.ids[place] = id;
    return id;
  }
}

import type { NameId, Names } from '../../core/names.ts';
import { type Journal, Kind } from '../engine/journal.ts';
import type { EventId, Simulation } from '../engine/simulation.ts';
import { DROP_REASONS, type DropReason } from './drop.ts';
import type { Packet } from './packet.ts';

/** Writes the life of packets into the journal. A drop stands where it happens, with the one that it was for as peer. */
export class Ledger {
  private readonly simulation: Simulation;
  private readonly journal: Journal;
  private readonly reasons: ReadonlyMap<DropReason, NameId>;

  constructor(simulation: Simulation, journal: Journal, names: Names) {
    this.simulation = simulation;
    this.journal = journal;
    this.reasons = new Map(DROP_REASONS.map((reason) => [reason, names.id(reason)]));
  }

  /** @param destination the final node, or NOBODY for a group, a broadcast or an address that nobody has */
  sent(packet: Packet, destination: number): EventId {
    return this.journal.record(Kind.send, packet.source, destination, packet.word, packet.bytes, packet);
  }

  forwarded(packet: Packet, node: number, destination: number): EventId {
    return this.journal.record(Kind.forward, node, destination, packet.word, packet.bytes, packet);
  }

  /** Handed up or answered by the node's kernel; what follows is caused by it. */
  delivered(packet: Packet, node: number): void {
    this.simulation.cause = this.journal.record(Kind.deliver, node, packet.source, packet.word, packet.bytes, packet);
  }

  /**
   * @param bytes how much of it: less than the packet's when only some segments of a train are lost
   * @returns the record, as a cause of errors that follow from it
   */
  dropped(
    packet: Packet,
    node: number,
    peer: number,
    reason: DropReason,
    cause: EventId = this.simulation.cause,
    bytes: number = packet.bytes,
  ): EventId {
    const before = this.simulation.cause;
    this.simulation.cause = cause;
    const id = this.journal.record(Kind.drop, node, peer, this.reasons.get(reason) as NameId, bytes, packet);
    this.simulation.cause = before;
    return id;
  }
}

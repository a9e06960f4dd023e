import { unreachable } from '../assert.ts';
import type { Endpoint, NameId } from '../names.ts';
import type { Boot, Out, Protocol, Socket, WriteOutcome } from '../protocol.ts';
import type { Rng } from '../random.ts';
import type { Duration, Instant } from '../time.ts';
import type { EchoCommand, EchoConfig, EchoStatus, SilenceNotice } from './interface.ts';
import { type EchoMessage, isMessage, MESSAGE_BYTES } from './message.ts';
import { type EchoRules, echoRules } from './rules.ts';
import type { EchoState, PeerState } from './state.ts';

const SOCKET = 0 as Socket;
const Timer = { ping: 0, silence: 1 } as const;
const Cell = { heard: 0, status: 1 } as const;
/** A record for each silence, of any life. Its writes are numbered by peer, the append even and the sync odd. */
const FILE = 'silences';
const RECORD_BYTES = 8;
/** Numbers per life, so that a late answer to a ping of an earlier life answers none of this one. */
const LIFE = 0x1_0000_0000;

/**
 * Nodes ask each other whether they are there: the smallest complete protocol, with one of everything. Copy the folder to
 * start your own.
 *
 * Each peer is pinged once a period and answers at once. One that owes an answer for longer than `patience` is silent until
 * its next answer. Silences are counted on disk, and announced only when a crash could not undo the record.
 */
export class Echo implements Protocol<EchoMessage, EchoCommand> {
  readonly state: EchoState;
  readonly cells = Object.keys(Cell);
  readonly timers = Object.keys(Timer);

  private readonly config: EchoConfig;
  private readonly random: Rng;
  private readonly rules: EchoRules;

  constructor(config: EchoConfig, random: Rng, rules: EchoRules = echoRules) {
    this.config = config;
    this.random = random;
    this.rules = rules;
    const peers = config.peers.map((): PeerState => ({ sent: 0, heard: 0, status: 'answering', open: undefined }));
    this.state = { nextSequence: 0, silences: 0, peers };
  }

  start(_now: Instant, boot: Boot, out: Out<EchoMessage>): void {
    this.state.nextSequence = boot.count * LIFE;
    this.state.silences = boot.files.get(FILE)?.length ?? 0;
    // Somewhere within the first period, so that nodes that start together do not send together.
    for (const subject of this.state.peers.keys()) {
      out.setTimer(Timer.ping, subject, Math.floor(this.random.fraction() * this.config.period) as Duration);
    }
  }

  receive(_now: Instant, socket: Socket, from: Endpoint, message: EchoMessage, out: Out<EchoMessage>): void {
    if (!isMessage(message)) return;
    switch (message.type) {
      case 'ping':
        out.send(socket, from, { type: 'pong', sequence: message.sequence }, MESSAGE_BYTES);
        return;
      case 'pong':
        return this.answered(from, message.sequence, out);
      default:
        return unreachable(message);
    }
  }

  timeout(now: Instant, kind: number, subject: number, out: Out<EchoMessage>): void {
    const peer = this.state.peers[subject];
    if (peer === undefined) return;
    if (kind === Timer.ping) this.ping(now, subject, peer, out);
    else if (kind === Timer.silence && this.rules.isSilent(peer.open, now, this.config.patience)) this.missed(subject, peer, out);
  }

  written(_now: Instant, write: number, outcome: WriteOutcome, out: Out<EchoMessage>): void {
    if (outcome !== 'ok') return out.log(`a silence could not be noted: ${outcome}`);
    const peer = this.config.peers[(write - 1) / 2]?.name; // a whole number for a sync alone
    if (peer === undefined) return;
    const notice: SilenceNotice = { type: 'silence', peer };
    out.announce(notice);
  }

  command(_now: Instant, id: number, _command: EchoCommand, out: Out<EchoMessage>): void {
    const status = this.state.peers.map(({ heard, status }, i): EchoStatus => ({ peer: this.nameOf(i), heard, status }));
    out.reply(id, status);
  }

  /** It opens no streams and listens for none. */
  stream(): void {}

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    for (const [index, { heard, status }] of this.state.peers.entries()) {
      visit(this.nameOf(index), Cell.heard, heard);
      visit(this.nameOf(index), Cell.status, status);
    }
  }

  private ping(now: Instant, index: number, peer: PeerState, out: Out<EchoMessage>): void {
    const sequence = this.state.nextSequence++;
    peer.sent++;
    peer.open = { sequence, sentAt: now };
    out.send(SOCKET, this.config.peers[index]?.endpoint as Endpoint, { type: 'ping', sequence }, MESSAGE_BYTES);
    out.setTimer(Timer.silence, index, this.config.patience);
    out.setTimer(Timer.ping, index, this.config.period);
  }

  private answered(from: Endpoint, sequence: number, out: Out<EchoMessage>): void {
    const index = this.config.peers.findIndex(({ endpoint }) => endpoint === from);
    const peer = this.state.peers[index];
    if (peer === undefined || !this.rules.isAnswer(peer.open, sequence)) return;
    peer.open = undefined;
    peer.heard++;
    peer.status = 'answering';
    out.cancelTimer(Timer.silence, index);
    this.show(index, peer, out);
  }

  private missed(index: number, peer: PeerState, out: Out<EchoMessage>): void {
    if (peer.status === 'silent') return;
    peer.status = 'silent';
    this.state.silences++;
    out.append(FILE, { peer: this.nameOf(index) }, RECORD_BYTES, 2 * index);
    out.sync(FILE, 2 * index + 1);
    this.show(index, peer, out);
  }

  private show(index: number, { heard, status }: PeerState, out: Out<EchoMessage>): void {
    out.cell(this.nameOf(index), Cell.heard, heard);
    out.cell(this.nameOf(index), Cell.status, status);
  }

  private nameOf(index: number): NameId {
    return this.config.peers[index]?.name as NameId;
  }
}

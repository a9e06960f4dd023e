import type { NameId } from '../../core/names.ts';
import { between, type Duration, type Instant } from '../../core/time.ts';
import { grow, INITIAL_WINDOW, measure, type StreamState, shrink, type Train } from './connection.ts';
import type { StreamHeader } from './packet.ts';

/** Segments that arrived beyond a gap and make it a loss (RFC 5681 §3.2). */
const DUPLICATES = 3;

/**
 * Takes in that all trains before a number have arrived (RFC 9293 §3.10.7.4, RFC 5681 §3.1).
 *
 * @returns whether that is news, and whether it concerns our FIN
 */
export function acknowledge(
  stream: StreamState,
  before: number,
  now: Instant,
): { readonly news: boolean; readonly finished: boolean } {
  let segments = 0;
  let finished = false;
  let roundTrip: Duration | undefined;
  for (;;) {
    const train = stream.flight[0];
    if (train === undefined || train.number >= before) break;
    stream.flight.shift();
    if (!train.lost) stream.outstanding -= train.missing;
    segments += train.segments;
    finished ||= train.fin;
    // What was sent twice says nothing about the time it took (Karn's rule, RFC 6298 §3).
    if (train.tries === 0) roundTrip = between(train.sentAt, now);
  }
  if (segments === 0) return { news: false, finished };
  if (roundTrip !== undefined) measure(stream, roundTrip);
  stream.tries = 0;
  stream.duplicates = 0;
  if (stream.recover !== undefined && before >= stream.recover) stream.recover = undefined;
  if (stream.recover === undefined) grow(stream, segments);
  return { news: true, finished };
}

/**
 * Takes in that segments of a train have arrived beyond a gap, or leaving one (RFC 2018). When there were enough of them, what was
 * sent before and has not arrived is given up for lost; what was sent again already is left to the timer.
 */
export function acknowledgeBeyond(stream: StreamState, { train: number, arrived, missing }: StreamHeader): void {
  const train = stream.flight.find((each) => each.number === number);
  if (train === undefined || arrived === 0) return;
  if (missing < train.missing) {
    if (!train.lost) stream.outstanding -= train.missing - missing;
    train.missing = missing;
    if (missing === 0) train.lost = false;
  }
  stream.duplicates += arrived;
  if (stream.duplicates < DUPLICATES && stream.recover === undefined) return;
  const gaps = stream.flight.filter((each) => each.number <= number && each.missing > 0 && each.tries === 0 && !each.lost);
  if (gaps.length === 0) return;
  if (stream.recover === undefined) {
    stream.recover = stream.next;
    shrink(stream, 'half');
  }
  for (const gap of gaps) lose(stream, gap);
}

/** The timer has run out: everything on its way counts as lost, and sending starts anew with one segment (RFC 6298 §5). */
export function giveUp(stream: StreamState): void {
  if (stream.tries === 1) shrink(stream, 'one');
  else stream.window = 1;
  stream.recover = undefined;
  stream.duplicates = 0;
  for (const train of stream.flight) if (train.missing > 0 && !train.lost) lose(stream, train);
}

/** After a pause the window is the initial one again (RFC 5681 §4.1). */
export function rest(stream: StreamState, now: Instant, timeout: Duration): void {
  const idle = stream.flight.length === 0 && now - stream.sentAt > timeout;
  if (idle) stream.window = Math.min(stream.window, INITIAL_WINDOW);
}

/**
 * What may be sent now, as if it were: first what was lost, then what is new, then the FIN.
 *
 * @returns undefined when there is nothing, or no room in the window
 */
export function takeOff(
  stream: StreamState,
  now: Instant,
  words: { readonly data: NameId; readonly fin: NameId },
): Train | undefined {
  const room = stream.window - stream.outstanding;
  let train = stream.flight.find((each) => each.lost);
  if (train !== undefined) {
    if (stream.outstanding > 0 && train.missing > room) return undefined;
    train.lost = false;
    train.tries++;
    train.sentAt = now;
  } else {
    train = room > 0 ? newTrain(stream, room, now, words) : undefined;
    if (train === undefined) return undefined;
    stream.flight.push(train);
  }
  stream.sentAt = now;
  stream.outstanding += train.missing;
  return train;
}

function newTrain(
  stream: StreamState,
  room: number,
  now: Instant,
  words: { readonly data: NameId; readonly fin: NameId },
): Train | undefined {
  const first = stream.queue[0];
  if (first === undefined) {
    if (stream.fin !== 'wanted') return undefined;
    stream.fin = 'sent';
  }
  const segments = first === undefined ? 1 : Math.min(first.left, room);
  const train = { number: stream.next++, segments, missing: segments, sentAt: now, tries: 0, lost: false };
  if (first === undefined) return { ...train, payload: 0, message: undefined, word: words.fin, last: false, fin: true };
  const sent = (segmentsFor(first.bytes, stream.mss) - first.left) * stream.mss;
  first.left -= segments;
  if (first.left > 0) {
    return { ...train, payload: segments * stream.mss, message: undefined, word: words.data, last: false, fin: false };
  }
  stream.queue.shift();
  return { ...train, payload: first.bytes - sent, message: first.message, word: first.word, last: true, fin: false };
}

/** An empty message takes a segment too. */
export const segmentsFor = (bytes: number, mss: number): number => Math.max(1, Math.ceil(bytes / mss));

function lose(stream: StreamState, train: Train): void {
  train.lost = true;
  stream.outstanding -= train.missing;
}

import { type Instant, LAST_INSTANT, parseDuration } from '../../core/time.ts';
import type { Span } from './histogram.ts';

/** What a link remembers of the page: the part of the address after `#`. */
export interface Place {
  readonly instant: Instant;
  /** Records that had happened; absent: all of that instant. */
  readonly position?: number;
  /** Name of the selected host. */
  readonly host?: string;
  readonly filter?: string;
  /** The part of the run that the views keep to. */
  readonly focus?: Span;
  /** The picture on the stage. */
  readonly view?: string;
}

const VERSION = '1';

/** `#v=1&t=1.482331s&e=88213&host=n4&view=raft&focus=1s..2s&f=kind:drop`. */
export function formatPlace(place: Place): string {
  const parts = [`v=${VERSION}`, `t=${exactSeconds(place.instant)}`];
  if (place.position !== undefined) parts.push(`e=${place.position}`);
  if (place.host !== undefined) parts.push(`host=${encodeURIComponent(place.host)}`);
  if (place.view !== undefined) parts.push(`view=${encodeURIComponent(place.view)}`);
  if (place.focus !== undefined)
    parts.push(`focus=${exactSeconds(place.focus.from as Instant)}..${exactSeconds(place.focus.to as Instant)}`);
  if (place.filter !== undefined && place.filter !== '') parts.push(`f=${encodeURIComponent(place.filter)}`);
  return `#${parts.join('&')}`;
}

/** @returns a sentence when the text is a link of ours that cannot be followed; undefined when it says nothing about a place */
export function parsePlace(hash: string): Place | { readonly problem: string } | undefined {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const version = fields.get('v');
  const time = fields.get('t');
  if (version === null && time === null) return undefined;
  if (version !== VERSION)
    return { problem: `This link is of version ${version ?? '?'}, and this page reads version ${VERSION}.` };
  const instant = parseSeconds(time ?? '0') ?? parseDuration(time ?? '0');
  if (instant === undefined || instant > LAST_INSTANT)
    return { problem: `The link names the instant “${time}”, which is no time; 1.5s or 1482.331ms are.` };
  const event = fields.get('e');
  if (event !== null && !/^\d{1,15}$/.test(event)) return { problem: `The link names the event “${event}”, which is no number.` };
  const host = fields.get('host');
  const filter = fields.get('f');
  const view = fields.get('view');
  const focus = spanOf(fields.get('focus') ?? '0s..0s');
  if (focus === undefined) return { problem: `The link names the focus “${fields.get('focus')}”; 1s..2.5s is one.` };
  return {
    instant: instant as number as Instant,
    ...(event === null ? {} : { position: Number(event) }),
    ...(host === null ? {} : { host }),
    ...(filter === null ? {} : { filter }),
    ...(view === null ? {} : { view }),
    ...(focus.to > focus.from ? { focus } : {}),
  };
}

/** Seconds with as many decimals as needed, by integer arithmetic. */
export function exactSeconds(instant: Instant): string {
  const whole = Math.floor(instant / 1e9);
  const rest = String(instant - whole * 1e9)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return rest === '' ? `${whole}s` : `${whole}.${rest}s`;
}

function spanOf(text: string): Span | undefined {
  const [from, to, more] = text.split('..').map((each) => parseSeconds(each) ?? parseDuration(each));
  return from === undefined || to === undefined || more !== undefined ? undefined : { from, to };
}

/** Reads back what `exactSeconds` wrote, exactly, also where a product of floating-point numbers would be a nanosecond off. */
function parseSeconds(text: string): number | undefined {
  const match = /^(\d{1,7})(?:\.(\d{1,9}))?s$/.exec(text);
  return match === null ? undefined : Number(match[1]) * 1e9 + Number((match[2] ?? '').padEnd(9, '0'));
}

import { formatInstant } from '../../core/time.ts';
import { download } from '../live/download.ts';
import { countText } from '../model/clock.ts';
import { currentRecord } from '../model/cursor.ts';
import { UNREADABLE } from '../model/page.ts';
import type { Run } from '../model/run.ts';
import { type Causes, causesBeyond, causesOf, type Link } from '../model/why.ts';
import { whyText } from '../model/why-text.ts';
import type { App } from './app.ts';
import { element, found } from './element.ts';
import { kindMark } from './kinds.ts';

/** The event that the cursor rests on: what it carries, what it follows from, and what follows from it. */
export function mountDetail(root: HTMLElement, app: App): void {
  const title = found('#detail-title');
  // Heard, not seen: whoever steps by ear hears where they are.
  const said = found('#said');
  let shown = '';
  /** The event and its causes as text. */
  let why = (): string => '';
  const copied = element('span', { class: 'muted', role: 'status' });
  const copy = element(
    'button',
    {
      type: 'button',
      class: 'quiet small',
      title: 'Copy this event, its causes and its effects as text',
      onclick: () => void give(),
    },
    'Copy as text',
  );
  async function give(): Promise<void> {
    const text = why();
    try {
      await navigator.clipboard.writeText(text);
      copied.textContent = 'copied';
    } catch {
      // A page that was opened from disk may not use the clipboard everywhere.
      download(new Blob([text], { type: 'text/plain' }), 'why.txt');
      copied.textContent = 'saved as why.txt';
    }
  }
  title.after(copied, copy);
  /** Ends the look for causes outside of the window. */
  let reading = new AbortController();
  app.store.watch(({ cursor, playing, picture }) => {
    const { run, describer } = picture;
    const record = cursor.position - 1;
    const exact = currentRecord(run.records, cursor) === record;
    const key = playing ? 'playing' : `${run.records.first} ${record} ${exact}`;
    if (key === shown) return;
    shown = key;
    copied.textContent = '';
    copy.hidden = playing || record < 0;
    if (playing || record < 0) {
      title.replaceChildren('This event');
      root.replaceChildren(element('p', { class: 'hint' }, playing ? 'Playing.' : 'Nothing has happened yet.'));
      return;
    }
    title.replaceChildren(exact ? 'This event' : 'The event before');
    const row = describer.row(record);
    const lines = describer.lines(run.payload(record));
    const at = formatInstant(run.records.at[record] as never);
    const reasons = element('div', {});
    const show = (causes: Causes): void => {
      why = () => whyText(run, record, causes, (number) => app.row(number, () => undefined));
      reasons.replaceChildren(...reasonsOf(app, run, causes, () => show(causes)));
    };
    const known = causesOf(run, record);
    show(known);
    reading.abort();
    if (known.open && app.pager !== undefined) {
      reading = new AbortController();
      const { signal } = reading;
      const { book } = app.pager;
      // Not for one that is only passed by.
      rest(REST_MS, signal)
        .then(() => causesBeyond(book, run, record, signal))
        .then(show, () => undefined);
    }
    root.replaceChildren(
      element(
        'p',
        { class: 'event-name' },
        kindMark(run.records.kind[record] as number),
        element('b', {}, row.kind),
        row.node === '' ? undefined : element('span', { class: 'muted' }, `on ${row.node}`),
      ),
      element('p', { class: 'event-text' }, row.text),
      element('p', { class: 'muted mono' }, `event ${run.records.first + record} at ${at} s`),
      reasons,
      ...(lines.length === 0 ? [] : [element('h3', {}, 'Carries'), element('pre', { class: 'payload' }, lines.join('\n'))]),
    );
    root.scrollTop = 0;
    if (exact) said.textContent = `${row.time} s, ${row.node} ${row.kind}: ${row.text}`;
  });
}

/** An event is looked at when the page has stayed there for so long. */
const REST_MS = 150;

const rest = (duration: number, signal: AbortSignal): Promise<void> =>
  new Promise((done, given) => {
    setTimeout(() => (signal.aborted ? given(signal.reason) : done()), duration);
  });

/** @param read told when a record that lies outside of the window has been read */
function reasonsOf(app: App, run: Run, { chain, more, effects }: Causes, read: () => void): HTMLElement[] {
  const { first } = run.records;
  const led = effects.map((record) => ({ record, times: 1 }));
  return [
    ...(chain.length === 0 ? [] : [element('h3', {}, 'Because of'), list(app, first, chain, read)]),
    ...(more ? [element('p', { class: 'hint' }, '… and so on, further back.')] : []),
    ...(led.length === 0 ? [] : [element('h3', {}, 'Led to'), list(app, first, led, read)]),
  ];
}

/** @param first the number that the places of the links count from */
function list(app: App, first: number, links: readonly Link[], read: () => void): HTMLElement {
  return element(
    'ol',
    { class: 'causes' },
    ...links.map(({ record, times }) => {
      const number = first + record;
      const row = app.row(number, read);
      const text = row?.text ?? '…';
      return element(
        'li',
        {},
        element(
          'button',
          { type: 'button', class: 'row-link', onclick: () => app.visitNumber(number) },
          kindMark(app.kind(number) ?? UNREADABLE),
          element('span', { class: 'mono muted' }, row?.time ?? ''),
          element('b', {}, row?.node ?? ''),
          element('span', {}, times > 1 ? `${text} · ${countText(times)} times` : text),
        ),
      );
    }),
  );
}

import { formatInstant } from '../../core/time.ts';
import { download } from '../live/download.ts';
import { countText } from '../model/clock.ts';
import { currentRecord } from '../model/cursor.ts';
import { UNREADABLE } from '../model/page.ts';
import type { Run } from '../model/run.ts';
import { type Causes, causesBeyond, causesOf, type Link } from '../model/why.ts';
import { whyMermaid } from '../model/why-mermaid.ts';
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
  let diagram = (): string => '';
  const copied = element('span', { class: 'muted', role: 'status' });
  const button = (name: string, about: string, text: () => string, file: string): HTMLElement =>
    element('button', { type: 'button', class: 'quiet small', title: about, onclick: () => void give(text(), file) }, name);
  const copy = element(
    'span',
    { class: 'copies' },
    button('Copy as text', 'Copy this event, its causes and its effects as text', () => why(), 'why.txt'),
    button(
      'as diagram',
      'Copy this event and its causes as a sequence diagram in Mermaid’s language',
      () => diagram(),
      'why.mmd',
    ),
  );
  async function give(text: string, file: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      copied.textContent = 'copied';
    } catch {
      // A page that was opened from disk may not use the clipboard everywhere.
      download(new Blob([text], { type: 'text/plain' }), file);
      copied.textContent = `saved as ${file}`;
    }
  }
  title.after(copied, copy);
  /** Ends the look for causes outside of the window. */
  let reading = new AbortController();
  app.store.follow(({ cursor, playing, picture }) => {
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
    const reasons = reasonsOf(app, run);
    const show = (causes: Causes): void => {
      const rowAt = (number: number) => app.row(number, () => undefined);
      why = () => whyText(run, record, causes, rowAt);
      diagram = () => whyMermaid(run, record, causes, rowAt);
      reasons.show(causes);
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
      ...reasons.parts,
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

/** What an event follows from, and what follows from it. */
function reasonsOf(
  app: App,
  { records: { first } }: Run,
): { readonly parts: readonly HTMLElement[]; show(causes: Causes): void } {
  const because = eventList(app, 'Because of');
  const further = element('p', { class: 'hint' }, '… and so on, further back.');
  const led = eventList(app, 'Led to');
  return {
    parts: [because.root, further, led.root],
    show: ({ chain, more, effects }) => {
      because.show(first, chain);
      further.hidden = !more;
      led.show(
        first,
        effects.map((record) => ({ record, times: 1 })),
      );
    },
  };
}

/** Events to go to. One that stays among them stays the same element: a click is lost when what it is on is replaced meanwhile. */
function eventList(app: App, title: string): { readonly root: HTMLElement; show(first: number, links: readonly Link[]): void } {
  const list = element('ol', { class: 'causes' });
  const root = element('div', {}, element('h3', {}, title), list);
  let shown: readonly string[] = [];
  return {
    root,
    /** @param first the number that the places of the links count from */
    show: (first, links) => {
      root.hidden = links.length === 0;
      const keys = links.map(({ record, times }) => `${first + record} ${times}`);
      for (const [i, { record, times }] of links.entries()) {
        if (keys[i] === shown[i]) continue;
        const item = eventItem(app, first + record, times);
        const before = list.children[i];
        if (before === undefined) list.append(item);
        else before.replaceWith(item);
      }
      while (list.children.length > links.length) list.lastElementChild?.remove();
      shown = keys;
    },
  };
}

/** An event by its number, which says more of itself when it has been read. */
function eventItem(app: App, number: number, times: number): HTMLElement {
  const button = element('button', { type: 'button', class: 'row-link', onclick: () => app.visitNumber(number) });
  const fill = (): void => {
    const row = app.row(number, fill);
    const text = row?.text ?? '…';
    button.replaceChildren(
      kindMark(app.kind(number) ?? UNREADABLE),
      element('span', { class: 'mono muted' }, row?.time ?? ''),
      element('b', {}, row?.node ?? ''),
      element('span', {}, times > 1 ? `${text} · ${countText(times)} times` : text),
    );
  };
  fill();
  return element('li', {}, button);
}

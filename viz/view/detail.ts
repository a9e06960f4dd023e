import { formatInstant } from '../../core/time.ts';
import { countText } from '../model/clock.ts';
import { currentRecord } from '../model/cursor.ts';
import { causesOf, type Link } from '../model/why.ts';
import type { App } from './app.ts';
import { element, found } from './element.ts';
import { kindMark } from './kinds.ts';

/** The event that the cursor rests on: what it carries, what it follows from, and what follows from it. */
export function mountDetail(root: HTMLElement, app: App): void {
  const title = found('#detail-title');
  // Heard, not seen: whoever steps by ear hears where they are.
  const said = found('#said');
  let shown = '';
  app.store.watch(({ cursor, playing, picture }) => {
    const { run, describer } = picture;
    const record = cursor.position - 1;
    const exact = currentRecord(run.records, cursor) === record;
    const key = playing ? 'playing' : `${run.records.first} ${record} ${exact}`;
    if (key === shown) return;
    shown = key;
    if (playing || record < 0) {
      title.replaceChildren('This event');
      root.replaceChildren(element('p', { class: 'hint' }, playing ? 'Playing.' : 'Nothing has happened yet.'));
      return;
    }
    title.replaceChildren(exact ? 'This event' : 'The event before');
    const row = describer.row(record);
    const { chain, more, effects } = causesOf(run, record);
    const lines = describer.lines(run.payload(record));
    const at = formatInstant(run.records.at[record] as never);
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
      ...(chain.length === 0 ? [] : [element('h3', {}, 'Because of'), list(app, chain)]),
      ...(more ? [element('p', { class: 'hint' }, '… and so on, further back.')] : []),
      ...(effects.length === 0
        ? []
        : [
            element('h3', {}, 'Led to'),
            list(
              app,
              effects.map((effect) => ({ record: effect, times: 1 })),
            ),
          ]),
      ...(lines.length === 0 ? [] : [element('h3', {}, 'Carries'), element('pre', { class: 'payload' }, lines.join('\n'))]),
    );
    root.scrollTop = 0;
    if (exact) said.textContent = `${row.time} s, ${row.node} ${row.kind}: ${row.text}`;
  });
}

function list(app: App, links: readonly Link[]): HTMLElement {
  return element(
    'ol',
    { class: 'causes' },
    ...links.map(({ record, times }) => {
      const row = app.picture.describer.row(record);
      return element(
        'li',
        {},
        element(
          'button',
          { type: 'button', class: 'row-link', onclick: () => app.visit(record) },
          kindMark(app.picture.run.records.kind[record] as number),
          element('span', { class: 'mono muted' }, row.time),
          element('b', {}, row.node),
          element('span', {}, times > 1 ? `${row.text} · ${countText(times)} times` : row.text),
        ),
      );
    }),
  );
}

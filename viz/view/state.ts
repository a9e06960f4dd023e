import { CellHistory } from '../model/cells.ts';
import type { Picture } from '../model/picture.ts';
import { nameOf } from '../model/run.ts';
import { partsOf, type StateTable, stateTables } from '../model/state-tables.ts';
import type { App } from './app.ts';
import { element } from './element.ts';

const histories = new WeakMap<Picture, CellHistory>();

/** What cells showed in a run, or in the window that is open. */
export function historyOf(picture: Picture): CellHistory {
  let history = histories.get(picture);
  if (history === undefined) {
    history = new CellHistory(picture.run);
    histories.set(picture, history);
  }
  return history;
}

/** The state that protocols show, whatever they are: a table of what nodes say of themselves, and one of what the selected node says of others. */
export function mountState(root: HTMLElement, app: App): void {
  let part = '';
  const select = element('select', {
    'aria-label': 'Protocol',
    onchange: () => {
      part = select.value;
      draw();
    },
  });
  const tables = element('div', { class: 'states', tabindex: 0, role: 'region', 'aria-label': 'State, scrolls' });
  root.append(
    element(
      'div',
      { class: 'tools' },
      select,
      element('span', { class: 'found' }, 'Each value leads to the event that it came with.'),
    ),
    tables,
  );
  let listed = '';

  function draw(): void {
    if (root.offsetParent === null) return;
    const { run } = app.picture;
    const parts = partsOf(run);
    if (parts.join() !== listed) {
      listed = parts.join();
      select.replaceChildren(...parts.map((name) => element('option', { value: name }, name || 'unnamed')));
      if (!parts.includes(part)) part = parts[0] ?? '';
      select.value = part;
    }
    const { cursor, node } = app.store.state;
    const { scrollTop, scrollLeft } = tables;
    tables.replaceChildren(
      ...stateTables(run, historyOf(app.picture), part, node, cursor.position).flatMap((table) =>
        tableOf(app, table, cursor.position),
      ),
    );
    tables.scrollTop = scrollTop;
    tables.scrollLeft = scrollLeft;
  }

  new ResizeObserver(draw).observe(root);
  app.store.watch((state, before) => {
    if (state.cursor !== before.cursor || state.node !== before.node || state.picture !== before.picture) draw();
  });
}

function tableOf(app: App, { observer, fields, rows, more }: StateTable, position: number): HTMLElement[] {
  const { run } = app.picture;
  return [
    element(
      'table',
      { class: 'plain' },
      element(
        'caption',
        {},
        observer === undefined ? 'What each node says of itself' : `What ${nameOf(run, observer)} says of others`,
      ),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, observer === undefined ? 'Node' : 'Of'),
          ...fields.map((field) => element('th', { scope: 'col' }, field)),
        ),
      ),
      element(
        'tbody',
        {},
        ...rows.map(({ name, values }) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, name),
            ...values.map(({ text, since }) => {
              const fresh = since !== undefined && since === position;
              const label = text === '' ? '–' : text;
              return element(
                'td',
                { class: fresh ? 'fresh' : '' },
                since === undefined || since === 0
                  ? label
                  : element(
                      'button',
                      {
                        type: 'button',
                        class: 'value',
                        title: 'Go to the event that this came with',
                        onclick: () => app.visit(since - 1),
                      },
                      label,
                    ),
                fresh ? element('span', { class: 'unseen' }, ', new') : undefined,
              );
            }),
          ),
        ),
      ),
    ),
    ...(more > 0 ? [element('p', { class: 'hint' }, `${more} more are not listed.`)] : []),
  ];
}

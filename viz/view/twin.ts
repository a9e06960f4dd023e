import type { App } from './app.ts';
import { element } from './element.ts';
import { icon } from './icons.ts';

/** A cell of a table: text, or text that leads somewhere. */
export type TableCell = string | { readonly text: string; readonly act: () => void };

/** What a picture shows, as a table. */
export interface TableData {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
  /** Rows that were left out. */
  readonly more?: number;
}

/** A table has at most so many rows; who makes one cuts it and says by how much. */
export const MOST_ROWS = 300;

/**
 * Gives a picture a twin that says the same as a table, and a button to change between them.
 *
 * @param picture what is hidden while the table is shown
 * @param table makes the table of now
 * @returns the button, for the picture's tools
 */
export function twinOf(root: HTMLElement, picture: HTMLElement, app: App, table: () => TableData): HTMLElement {
  const place = element('div', { class: 'twin', tabindex: 0, role: 'region', 'aria-label': 'The same as a table', hidden: true });
  picture.after(place);
  const button = element(
    'button',
    { class: 'quiet small', type: 'button', 'aria-pressed': false, title: 'Show the same as a table', onclick: toggle },
    icon('table'),
    element('span', {}, 'Table'),
  );
  function toggle(): void {
    const shown = place.hidden === true;
    place.hidden = !shown;
    picture.hidden = shown;
    root.toggleAttribute('data-twin', shown);
    button.setAttribute('aria-pressed', String(shown));
    draw();
  }
  function draw(): void {
    if (place.hidden) return;
    const { scrollTop } = place;
    place.replaceChildren(...tableOf(table()));
    place.scrollTop = scrollTop;
  }
  app.store.watch((state, before) => {
    if (state !== before) draw();
  });
  return button;
}

function tableOf({ caption, columns, rows, more = 0 }: TableData): HTMLElement[] {
  return [
    element(
      'table',
      { class: 'plain' },
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...columns.map((name) => element('th', { scope: 'col' }, name)))),
      element(
        'tbody',
        {},
        ...rows.map((cells) =>
          element(
            'tr',
            {},
            ...cells.map((cell, i) => {
              const content =
                typeof cell === 'string'
                  ? cell
                  : element('button', { type: 'button', class: 'link', onclick: cell.act }, cell.text);
              return i === 0 ? element('th', { scope: 'row' }, content) : element('td', {}, content);
            }),
          ),
        ),
      ),
    ),
    ...(rows.length === 0 ? [element('p', { class: 'hint' }, 'There is nothing to list here.')] : []),
    ...(more > 0 ? [element('p', { class: 'hint' }, `${more} more are not listed.`)] : []),
  ];
}

/** A choice among a few, as one of a picture's tools. */
export function choiceOf<T extends string>(
  label: string,
  names: Readonly<Record<T, string>>,
  first: T,
  choose: (value: T) => void,
): HTMLSelectElement {
  const select = element(
    'select',
    { 'aria-label': label, title: label, onchange: () => choose(select.value as T) },
    ...Object.entries<string>(names).map(([value, name]) => element('option', { value, selected: value === first }, name)),
  );
  return select;
}

import { countText } from '../model/clock.ts';
import { parseFilter, Scan } from '../model/filter.ts';
import { lastUpTo } from '../model/run.ts';
import type { App } from './app.ts';
import { element } from './element.ts';
import { icon } from './icons.ts';
import { kindMark } from './kinds.ts';

const ROW = 26;
/** Browsers cap the height of an element; beyond this, scrolling goes by proportion. */
const TALLEST = 8_000_000;
/** Records looked at per frame while a filter is searched for. */
const SCAN_STEP = 20_000;

/** The list of events: only the rows in sight exist. */
export function mountEvents(root: HTMLElement, filterRoot: HTMLElement, app: App): void {
  const { run, describer } = app.picture;
  const input = element('input', {
    type: 'search',
    placeholder: 'Filter: node:n3 kind:drop t>1.2s …',
    'aria-label': 'Filter events',
    'aria-describedby': 'found',
    autocomplete: 'off',
    spellcheck: 'false',
    oninput: () => app.store.set({ filter: input.value }),
  });
  const status = element('output', { id: 'found', class: 'found' });
  filterRoot.append(element('label', { class: 'field' }, icon('search'), input), status);

  const rows = element('div', { class: 'rows', role: 'rowgroup' });
  const space = element('div', { class: 'rows-space', role: 'presentation' }, rows);
  const header = element(
    'div',
    { class: 'row row-head', role: 'row', 'aria-rowindex': 1 },
    ...['Time (s)', 'Where', 'What', ''].map((name) => element('span', { role: 'columnheader' }, name === '' ? 'Details' : name)),
  );
  const scroller = element('div', { class: 'rows-scroll', role: 'presentation' }, space);
  const grid = element(
    'div',
    { class: 'grid', role: 'grid', tabindex: 0, 'aria-label': 'Events', 'aria-colcount': 4, onkeydown: onKey },
    header,
    scroller,
  );
  root.append(grid);

  let scan: Scan | undefined;
  /** Places of the rows to show; undefined while all are. */
  let list: readonly number[] | undefined;
  const count = (): number => list?.length ?? run.records.count;
  const placeAt = (row: number): number => (list === undefined ? row : (list[row] as number));
  /** The row of the cursor's event, or of the last one before it. */
  const currentRow = (): number => {
    const last = app.store.state.cursor.position - 1;
    return list === undefined ? last : lastUpTo(list, last);
  };

  const visible = (): number => Math.ceil(scroller.clientHeight / ROW) + 1;
  /** Whether the rows are so many that the scroll bar goes by proportion. */
  const isScaled = (): boolean => count() * ROW > TALLEST;
  const height = (): number => Math.min(TALLEST, count() * ROW);
  /** Rows per pixel of scrolling. */
  const scale = (): number => (isScaled() ? (count() - visible() + 2) / Math.max(1, height() - scroller.clientHeight) : 1 / ROW);
  const firstRow = (): number => Math.max(0, Math.min(count() - visible() + 1, Math.floor(scroller.scrollTop * scale())));

  function draw(): void {
    space.style.height = `${height()}px`;
    const first = firstRow();
    const current = currentRow();
    const { position } = app.store.state.cursor;
    const drawnRows = Array.from({ length: Math.max(0, Math.min(visible(), count() - first)) }, (_, i) => {
      const row = first + i;
      const place = placeAt(row);
      const { time, node, kind, text } = describer.row(place);
      return element(
        'div',
        {
          role: 'row',
          id: `event-${place + 1}`,
          class: `row${row === current ? ' current' : ''}${place >= position ? ' later' : ''}`,
          'aria-rowindex': row + 2,
          'aria-selected': row === current,
          onclick: () => app.visit(place),
        },
        element('span', { role: 'gridcell', class: 'mono' }, time),
        element('span', { role: 'gridcell', class: 'where', title: node }, node),
        element('span', { role: 'gridcell', class: 'kind' }, kindMark(run.records.kind[place] as number), kind),
        element('span', { role: 'gridcell', class: 'text', title: text }, text),
      );
    });
    rows.replaceChildren(...drawnRows);
    rows.style.transform = `translateY(${isScaled() ? scroller.scrollTop : first * ROW}px)`;
    grid.setAttribute('aria-rowcount', String(count() + 1));
    const active = current >= first && current < first + drawnRows.length ? `event-${placeAt(current) + 1}` : '';
    grid.setAttribute('aria-activedescendant', active);
  }

  /** Scrolls to the current row if it is out of sight. */
  function reveal(): void {
    const row = Math.max(0, currentRow());
    const first = firstRow();
    if (row >= first + (isScaled() ? 0 : 1) && row < first + visible() - 2) return;
    scroller.scrollTop = Math.max(0, row - Math.floor(visible() / 2)) / scale();
  }

  function onKey(event: KeyboardEvent): void {
    const page = Math.max(1, visible() - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[event.key];
    if (step === undefined || count() === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    app.visit(placeAt(Math.max(0, Math.min(count() - 1, currentRow() + step))));
  }

  function apply(text: string): void {
    if (input.value !== text) input.value = text;
    const parsed = parseFilter(text, run, describer);
    scan = undefined;
    input.toggleAttribute('aria-invalid', 'problem' in parsed);
    if ('problem' in parsed) {
      status.replaceChildren(parsed.problem);
      return;
    }
    if (parsed.empty) {
      list = undefined;
      status.replaceChildren(`${countText(run.records.count)} events`);
    } else {
      scan = new Scan(run, parsed.test);
      list = scan.found;
      search(scan);
    }
    draw();
    reveal();
  }

  function search(mine: Scan): void {
    if (scan !== mine) return;
    mine.work(SCAN_STEP);
    status.replaceChildren(`${countText(mine.found.length)} of ${countText(run.records.count)}${mine.done ? '' : ' …'}`);
    draw();
    if (mine.done) reveal();
    else requestAnimationFrame(() => search(mine));
  }

  scroller.addEventListener('scroll', () => draw(), { passive: true });
  new ResizeObserver(() => draw()).observe(scroller);
  apply(app.store.state.filter);
  app.store.watch((state, before) => {
    if (state.filter !== before.filter) apply(state.filter);
    if (state.cursor === before.cursor) return;
    reveal();
    draw();
  });
}

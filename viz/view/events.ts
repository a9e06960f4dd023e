import { countText } from '../model/clock.ts';
import type { Row } from '../model/describe.ts';
import { Hits, parseFilter, Scan } from '../model/filter.ts';
import type { Span } from '../model/histogram.ts';
import type { App } from './app.ts';
import { element } from './element.ts';
import { icon } from './icons.ts';
import { kindMark } from './kinds.ts';
import { keep, kept } from './memory.ts';

const ROW = 26;
const HEAD = 28;
/** Browsers cap the height of an element; beyond this, scrolling goes by proportion. */
const TALLEST = 8_000_000;
/** Filters that are offered again. */
const MOST_KEPT = 12;
/** Records looked at per frame while a filter is searched for. */
const SCAN_STEP = 20_000;

/** The list of the events of the whole run: only the rows in sight exist, and those of pages that are not in memory are filled in when they are read. */
export function mountEvents(root: HTMLElement, filterRoot: HTMLElement, app: App): void {
  const input = element('input', {
    type: 'search',
    placeholder: 'Filter: node:n3 kind:drop t>1.2s …',
    'aria-label': 'Filter events',
    'aria-describedby': 'found',
    autocomplete: 'off',
    spellcheck: 'false',
    list: 'filters',
    oninput: () => app.store.set({ filter: input.value }),
    onchange: () => remember(input.value.trim()),
  });
  const earlier = element('datalist', { id: 'filters' });
  const status = element('output', { id: 'found', class: 'found' });
  filterRoot.append(element('label', { class: 'field' }, icon('search'), input), earlier, status);
  let filters = keptFilters();
  offer();

  function offer(): void {
    earlier.replaceChildren(...filters.map((value) => element('option', { value })));
  }

  /** What was searched for is offered again, the latest first, in this run and in others. */
  function remember(filter: string): void {
    if (filter === '' || 'problem' in parseFilter(filter, app.picture.run, app.picture.describer)) return;
    filters = [filter, ...filters.filter((each) => each !== filter)].slice(0, MOST_KEPT);
    keep('filters', filters.join('\n'));
    offer();
  }

  const rows = element('div', { class: 'rows', role: 'rowgroup' });
  const space = element('div', { class: 'rows-space', role: 'presentation' }, rows);
  const header = element(
    'div',
    { class: 'row row-head', role: 'row', 'aria-rowindex': 1 },
    ...['Time (s)', 'Where', 'What', ''].map((name) => element('span', { role: 'columnheader' }, name === '' ? 'Details' : name)),
  );
  const grid = element(
    'div',
    { class: 'grid', role: 'grid', tabindex: 0, 'aria-label': 'Events', 'aria-colcount': 4, onkeydown: onKey },
    header,
    space,
  );
  root.append(grid);
  /** For rows, below the head, which stays where it is. */
  const room = (): number => Math.max(0, grid.clientHeight - HEAD);

  /** Ends the search that is under way. */
  let stop = (): void => undefined;
  /** The rows to show; undefined while all are. */
  let list: Hits | undefined;
  const count = (): number => list?.count ?? total();
  /** A run that goes on grows. */
  const total = (): number => app.picture.run.total;
  const numberAt = (row: number): number => (list === undefined ? row + 1 : list.at(row));
  /** The row of the cursor's event, or of the last one before it. */
  const currentRow = (): number => (list === undefined ? app.number - 1 : list.rowOf(app.number));

  const visible = (): number => Math.ceil(room() / ROW) + 1;
  /** Whether the rows are so many that the scroll bar goes by proportion. */
  const isScaled = (): boolean => count() * ROW > TALLEST;
  const height = (): number => Math.min(TALLEST, count() * ROW);
  /** Rows per pixel of scrolling. */
  const scale = (): number => (isScaled() ? (count() - visible() + 2) / Math.max(1, height() - room()) : 1 / ROW);
  let tall = -1;
  /** Changes the height only if it is another: the browser would lay out the page anew. */
  const size = (): void => {
    if (height() === tall) return;
    tall = height();
    space.style.height = `${tall}px`;
  };
  const firstRow = (): number => Math.max(0, Math.min(count() - visible() + 1, Math.floor(grid.scrollTop * scale())));

  function draw(): void {
    size();
    const first = firstRow();
    const current = currentRow();
    const length = Math.max(0, Math.min(visible(), count() - first));
    const numbers = Array.from({ length }, (_, i) => numberAt(first + i));
    const wanted = new Set(numbers);
    const free = inSight.filter(({ number }) => !wanted.has(number));
    const there = new Map(inSight.map((each) => [each.number, each]));
    inSight = numbers.map((number, i) => {
      const each = there.get(number) ?? free.pop() ?? rowElement((it) => app.visitNumber(it.number));
      each.number = number;
      const row = first + i;
      const { time, node, kind, text } = app.row(number, redraw) ?? { time: '…', node: '', kind: '', text: '' };
      each.show({
        row,
        isCurrent: row === current,
        isLater: number > app.number,
        mark: app.kind(number),
        time,
        node,
        kind,
        text,
      });
      // One that is where it was is left alone: the browser would look at it anew.
      if (rows.children[i] !== each.root) rows.insertBefore(each.root, rows.children[i] ?? null);
      return each;
    });
    while (rows.children.length > length) rows.lastElementChild?.remove();
    rows.style.transform = `translateY(${isScaled() ? grid.scrollTop : first * ROW}px)`;
    grid.setAttribute('aria-rowcount', String(count() + 1));
    const active = current >= first && current < first + length ? `event-${numberAt(current)}` : '';
    grid.setAttribute('aria-activedescendant', active);
  }

  /** The rows that exist. */
  let inSight: readonly RowElement[] = [];
  let redrawing = false;
  /** Draws once, however many rows have been read by the next frame. */
  function redraw(): void {
    if (redrawing) return;
    redrawing = true;
    requestAnimationFrame(() => {
      redrawing = false;
      draw();
    });
  }

  /** Scrolls to the current row if it is out of sight. */
  function reveal(): void {
    const row = Math.max(0, currentRow());
    const first = firstRow();
    if (row >= first + (isScaled() ? 0 : 1) && row < first + visible() - 2) return;
    grid.scrollTop = Math.max(0, row - Math.floor(visible() / 2)) / scale();
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
    app.visitNumber(numberAt(Math.max(0, Math.min(count() - 1, currentRow() + step))));
  }

  function apply(text: string): void {
    if (input.value !== text) input.value = text;
    const { run, describer } = app.picture;
    const filter = focused(text, app.store.state.focus);
    const parsed = parseFilter(filter, run, describer);
    stop();
    input.toggleAttribute('aria-invalid', 'problem' in parsed);
    if ('problem' in parsed) {
      status.replaceChildren(parsed.problem);
      return;
    }
    if (parsed.empty) {
      list = undefined;
      status.replaceChildren(`${countText(total())} events`);
    } else if (app.pager === undefined) {
      const scan = new Scan(run, parsed.test);
      list = scan.found;
      searchHere(scan);
    } else {
      const hits = new Hits();
      list = hits;
      said(hits, 0);
      stop = app.pager.search(filter, ({ numbers, searched }) => {
        // Rows that are in sight change only until they are full.
        const grows = hits.count < firstRow() + visible();
        hits.add(numbers);
        said(hits, searched);
        if (grows || searched === total()) draw();
        if (searched === total()) reveal();
      });
    }
    draw();
    reveal();
  }

  /** Looks through a run that is open as a whole, a piece in each frame. */
  function searchHere(scan: Scan): void {
    let mine = true;
    stop = () => {
      mine = false;
    };
    const work = (): void => {
      if (!mine) return;
      scan.work(SCAN_STEP);
      said(scan.found, scan.done ? total() : 0);
      draw();
      if (scan.done) reveal();
      else requestAnimationFrame(work);
    };
    work();
  }

  /** How many were found, and how far it is looked. */
  function said(hits: Hits, searched: number): void {
    const part = searched === 0 ? ' …' : ` … ${Math.floor((100 * searched) / Math.max(1, total()))} %`;
    status.replaceChildren(`${countText(hits.count)} of ${countText(total())}${searched >= total() ? '' : part}`);
    size();
    grid.setAttribute('aria-rowcount', String(count() + 1));
  }

  grid.addEventListener('scroll', () => draw(), { passive: true });
  new ResizeObserver(() => draw()).observe(grid);
  apply(app.store.state.filter);
  app.store.follow((state, before) => {
    const grown = state.picture.run.total !== before.picture.run.total;
    if (state.filter !== before.filter || state.focus !== before.focus || grown) apply(state.filter);
    if (state.cursor === before.cursor && state.picture === before.picture) return;
    reveal();
    draw();
  });
}

/** A filter that also keeps to the focus. */
const focused = (filter: string, focus: Span | undefined): string =>
  focus === undefined ? filter : `${filter} t>=${Math.floor(focus.from)}ns t<=${Math.ceil(focus.to)}ns`;

interface RowFacts extends Row {
  readonly row: number;
  readonly isCurrent: boolean;
  readonly isLater: boolean;
  /** The kind of its record; undefined while that is being read. */
  readonly mark: number | undefined;
}

/** A row in sight. It is used again for another event when its own is scrolled away. */
interface RowElement {
  readonly root: HTMLElement;
  /** Of its event. */
  number: number;
  show(facts: RowFacts): void;
}

function rowElement(choose: (row: RowElement) => void): RowElement {
  const cell = (name: string): HTMLElement => element('span', { role: 'gridcell', class: name });
  const [time, where, kind, text] = [cell('mono'), cell('where'), cell('kind'), cell('text')];
  const root = element('div', { role: 'row', onclick: () => choose(made) }, time, where, kind, text);
  const shown = { number: -1, row: -1, class: '', time: '', node: '', kind: '', text: '' };
  const made: RowElement = {
    root,
    number: 0,
    show: (facts) => {
      const { number } = made;
      if (shown.number !== number) root.id = `event-${number}`;
      if (shown.row !== facts.row) root.setAttribute('aria-rowindex', String(facts.row + 2));
      const look = `row${facts.isCurrent ? ' current' : ''}${facts.isLater ? ' later' : ''}`;
      if (shown.class !== look) {
        root.className = look;
        root.setAttribute('aria-selected', String(facts.isCurrent));
      }
      if (shown.time !== facts.time) time.textContent = facts.time;
      if (shown.node !== facts.node) {
        where.textContent = facts.node;
        where.title = facts.node;
      }
      const kindText = `${facts.mark} ${facts.kind}`;
      if (shown.kind !== kindText) kind.replaceChildren(...(facts.mark === undefined ? [] : [kindMark(facts.mark)]), facts.kind);
      if (shown.text !== facts.text) {
        text.textContent = facts.text;
        text.title = facts.text;
      }
      Object.assign(shown, {
        number,
        row: facts.row,
        class: look,
        time: facts.time,
        node: facts.node,
        kind: kindText,
        text: facts.text,
      });
    },
  };
  return made;
}

const keptFilters = (): readonly string[] => (kept('filters') ?? '').split('\n').filter((filter) => filter !== '');

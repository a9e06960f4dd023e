import { formatInstant } from '../../core/time.ts';
import { countText } from '../model/clock.ts';
import { incarnations } from '../model/incarnation.ts';
import { BELIEFS, BeliefMatrix, type BeliefName, byCount, isWrong, type Truth, tallyOf, truthsOf } from '../model/matrix.ts';
import type { Picture } from '../model/picture.ts';
import { nameOf } from '../model/run.ts';
import type { App } from './app.ts';
import { beliefMark } from './beliefs.ts';
import { element } from './element.ts';
import { type Grid, gridAt, paintMatrix, type Sheet, sheetOf } from './matrix.ts';
import { historyOf } from './state.ts';
import { pointIn, Surface } from './surface.ts';
import { colours } from './theme.ts';
import { choiceOf, type TableData, twinOf } from './twin.ts';

/** A table has a cell for each belief up to so many; beyond, it lists those that disagree with the truth. */
const MOST_CELLS = 1024;
const MOST_LISTED = 300;

const ORDERS = { plan: 'In the order of the plan', wrong: 'Most mistaken first' } as const;
const TRUTH_WORDS: Readonly<Record<Truth, string>> = {
  up: 'runs',
  paused: 'stands still',
  down: 'is down',
  stranger: 'is no host of this run',
};

const matrices = new WeakMap<Picture, BeliefMatrix>();

/** The beliefs of a run, or of the window that is open. */
export function matrixOf(picture: Picture): BeliefMatrix {
  let matrix = matrices.get(picture);
  if (matrix === undefined) {
    matrix = new BeliefMatrix(picture.run, picture.members);
    matrices.set(picture, matrix);
  }
  return matrix;
}

/** Who holds whom for what: a row for each observer, a column for each member, and how much of it disagrees with the truth. */
export function mountMembers(root: HTMLElement, app: App): void {
  let order: keyof typeof ORDERS = 'plan';
  let zoom = 1;
  let offset = { x: 0, y: 0 };
  /** The cell that arrow keys and clicks choose, by observer and subject. */
  let chosen: { readonly row: number; readonly column: number } | undefined;
  let grid: Grid | undefined;
  let sheet: Sheet | undefined;

  const summary = element('p', { class: 'unseen', id: 'members-text' });
  const status = element('output', { class: 'found' });
  const about = element('p', { class: 'about' });
  const picture = element('div', { class: 'picture' });
  const tools = element('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Members' });
  root.append(tools, picture, about, key(), summary);
  const surface = new Surface(picture, { label: 'Who believes what of whom', summary, until: app.closing }, paint);
  const twin = twinOf(root, picture, app, table);
  tools.append(
    choiceOf('Order', ORDERS, order, (value) => {
      order = value;
      surface.touch();
    }),
    status,
    twin,
  );

  function gridNow(): Grid {
    const { picture: now } = app;
    const { members, nodes, run } = now;
    const { position } = app.store.state.cursor;
    const matrix = matrixOf(now);
    matrix.seek(position);
    const truths = truthsOf(run, members, nodes, position);
    const wrongs = tallyOf(matrix, truths);
    return {
      matrix,
      truths,
      wrongs,
      observers: members.observers.map((node) => nameOf(run, node)),
      subjects: members.subjects,
      rowOrder: order === 'wrong' ? byCount(wrongs.rows) : [...members.observers.keys()],
      columnOrder: order === 'wrong' ? byCount(wrongs.columns) : [...members.subjects.keys()],
    };
  }

  function paint(context: CanvasRenderingContext2D): void {
    grid = gridNow();
    sheet = sheetOf(grid, surface.width, surface.height, zoom, offset);
    const { node } = app.store.state;
    const selected = { row: app.picture.members.observers.indexOf(node), subject: nameOf(app.picture.run, node) };
    paintMatrix(context, colours(), grid, sheet, { ...selected, chosen }, getComputedStyle(surface.canvas).fontFamily);
    tell(grid);
  }

  function tell({ wrongs, observers, subjects }: Grid): void {
    const counts = BELIEFS.map((name, belief) => [name, wrongs.counts[belief] as number] as const);
    const wrong = wrongs.rows.reduce((sum, each) => sum + each, 0);
    const words = counts
      .filter(([name, count]) => count > 0 && name !== 'unknown')
      .map(([name, count]) => `${countText(count)} ${name}`)
      .join(', ');
    status.replaceChildren(
      `${words || 'No beliefs yet'} · `,
      element(
        'b',
        { class: wrong > 0 ? 'bad' : '' },
        wrong === 0 ? 'none disagrees with the truth' : `${countText(wrong)} disagree${wrong === 1 ? 's' : ''} with the truth`,
      ),
    );
    const said = `${observers.length} observers of ${subjects.length} members: ${words || 'no beliefs yet'}; ${wrong} disagree with the truth. ${cellText()}`;
    if (summary.textContent !== said) summary.textContent = said;
    showChosen();
  }

  function cellText(): string {
    if (chosen === undefined || grid === undefined) return '';
    const { matrix, truths, observers, subjects } = grid;
    const belief = BELIEFS[matrix.beliefs[chosen.row * matrix.columns + chosen.column] as number] as BeliefName;
    const truth = truths.subjects[chosen.column] as Truth;
    const wrong = truths.observers[chosen.row] === true && isWrong(BELIEFS.indexOf(belief), truth) ? ', which disagrees' : '';
    const holds = belief === 'unknown' ? 'knows nothing of' : `holds for ${belief}:`;
    return `${observers[chosen.row]} ${holds} ${subjects[chosen.column]}, which ${TRUTH_WORDS[truth]}${wrong}.`.replace(
      ',, ',
      ', ',
    );
  }

  /** Looked for when another cell is chosen or the instant changes. */
  let told: { readonly key: string; readonly text: string } | undefined;

  function incarnationText(row: number, column: number): string {
    const { run, members } = app.picture;
    const { position } = app.store.state.cursor;
    const key = `${run.records.first} ${position} ${row} ${column}`;
    if (told?.key === key) return told.text;
    const found = incarnations(
      run,
      historyOf(app.picture),
      members.observers[row] as number,
      members.subjects[column] as string,
      position,
    );
    const text =
      found === undefined
        ? ''
        : found.known < found.own
          ? ` It knows incarnation ${found.known}, which is out of date: ${found.own} is the present one.`
          : ` It knows incarnation ${found.known}, the present one.`;
    told = { key, text };
    return text;
  }

  /** The chosen belief in words, and the way to where it came from. */
  function showChosen(): void {
    if (chosen === undefined || grid === undefined) {
      about.replaceChildren('Choose a cell, by a click or with arrow keys, to read what it says and where it came from.');
      return;
    }
    const position = grid.matrix.since(chosen.row, chosen.column);
    const { records } = app.picture.run;
    about.replaceChildren(
      cellText(),
      incarnationText(chosen.row, chosen.column),
      ...(position === undefined || position === 0
        ? []
        : [
            ' ',
            element(
              'button',
              { type: 'button', class: 'link', onclick: () => app.visit(position - 1) },
              `since ${formatInstant(records.at[position - 1] as never, 6)} s`,
            ),
          ]),
    );
  }

  function choose(row: number, column: number): void {
    if (grid === undefined) return;
    const { rowOrder, columnOrder } = grid;
    const [observer, subject] = [rowOrder[row], columnOrder[column]];
    if (observer === undefined || subject === undefined) return;
    chosen = { row: observer, column: subject };
    app.select(app.picture.members.observers[observer] as number);
    surface.touch();
  }

  const placeOf = (): { row: number; column: number } =>
    chosen === undefined || grid === undefined
      ? { row: 0, column: 0 }
      : { row: grid.rowOrder.indexOf(chosen.row), column: grid.columnOrder.indexOf(chosen.column) };

  function zoomBy(factor: number, x: number, y: number): void {
    if (sheet === undefined) return;
    const next = Math.max(1, Math.min(64, zoom * factor));
    const part = next / zoom;
    offset = { x: (x - sheet.left + offset.x) * part - (x - sheet.left), y: (y - sheet.top + offset.y) * part - (y - sheet.top) };
    zoom = next;
    surface.touch();
  }

  const STEPS: Readonly<Record<string, readonly [row: number, column: number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  surface.canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    const { row, column } = placeOf();
    if (step !== undefined) choose(row + (chosen === undefined ? 0 : step[0]), column + (chosen === undefined ? 0 : step[1]));
    else if (event.key === 'Enter') about.querySelector('button')?.click();
    else if (event.key === '+' || event.key === '-')
      zoomBy(event.key === '+' ? 1.5 : 1 / 1.5, surface.width / 2, surface.height / 2);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  let grabbed: { readonly x: number; readonly y: number; readonly offset: typeof offset; moved: boolean } | undefined;
  surface.canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    surface.canvas.setPointerCapture(event.pointerId);
    grabbed = { x: event.clientX, y: event.clientY, offset, moved: false };
  });
  surface.canvas.addEventListener('pointermove', (event) => {
    if (grabbed === undefined) return;
    const [x, y] = [event.clientX - grabbed.x, event.clientY - grabbed.y];
    if (Math.abs(x) + Math.abs(y) > 4) grabbed.moved = true;
    if (!grabbed.moved) return;
    offset = { x: grabbed.offset.x - x, y: grabbed.offset.y - y };
    surface.touch();
  });
  surface.canvas.addEventListener('pointerup', (event) => {
    const was = grabbed;
    grabbed = undefined;
    if (was === undefined || was.moved || sheet === undefined || grid === undefined) return;
    const { x, y } = pointIn(surface.canvas, event);
    const place = gridAt(sheet, x, y);
    if (place !== undefined) choose(place.row, place.column);
  });
  surface.canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const { x, y } = pointIn(surface.canvas, event);
      zoomBy(Math.exp(-event.deltaY / 400), x, y);
    },
    { passive: false },
  );

  function table(): TableData {
    const now = gridNow();
    const { matrix, observers, subjects, rowOrder, columnOrder, wrongs } = now;
    const word = (row: number, column: number): BeliefName =>
      BELIEFS[matrix.beliefs[row * matrix.columns + column] as number] as BeliefName;
    if (matrix.rows * matrix.columns <= MOST_CELLS) {
      return {
        caption: 'What each observer (row) believes of each member (column)',
        columns: ['Seen by', ...columnOrder.map((column) => subjects[column] as string), 'Disagree'],
        rows: rowOrder.map((row) => [
          observers[row] as string,
          ...columnOrder.map((column) => word(row, column)),
          String(wrongs.rows[row]),
        ]),
      };
    }
    const list: string[][] = [];
    let more = 0;
    for (const row of rowOrder) {
      if (now.truths.observers[row] !== true) continue;
      for (const column of columnOrder) {
        const truth = now.truths.subjects[column] as Truth;
        if (!isWrong(matrix.beliefs[row * matrix.columns + column] as number, truth)) continue;
        if (list.length < MOST_LISTED)
          list.push([observers[row] as string, subjects[column] as string, word(row, column), TRUTH_WORDS[truth]]);
        else more++;
      }
    }
    return {
      caption: 'Beliefs that disagree with the truth',
      columns: ['Seen by', 'Member', 'Held for', 'In truth it'],
      rows: list,
      more,
    };
  }

  app.store.watch(() => surface.touch());
}

const key = (): HTMLElement =>
  element(
    'p',
    { class: 'legend' },
    ...BELIEFS.filter((name) => name !== 'other').map((name) => element('span', {}, beliefMark(name), name)),
    element('span', { class: 'wrong-key' }, 'disagrees with the truth'),
  );

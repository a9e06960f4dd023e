import { openBook } from '../model/book.ts';
import { type Comparison, compareRuns, type DiffRow, type Side } from '../model/diff.ts';
import { sourceOf, type TracePlace } from '../model/source.ts';
import type { App } from '../view/app.ts';
import { element } from '../view/element.ts';
import { openButton } from '../view/welcome.ts';

/** Each sort of line has a sign, so that none is told by its colour alone. */
const SIGNS = { same: '=', left: '−', right: '+', moved: '↕' } as const;
const WORDS = { same: 'in both', left: 'only in the other', right: 'only here', moved: 'moved' } as const;

/** This run beside another one: where they part, and what comes then. */
export function mountCompare(root: HTMLElement, app: App): void {
  const body = element('div', { class: 'compare-body' });
  const name = element('span', { class: 'muted' });
  const tools = element(
    'div',
    { class: 'tools' },
    openButton((file) => void compare({ blob: file }, file.name), 'Compare with a trace', 'quiet'),
    name,
  );
  root.classList.add('compare');
  root.append(tools, body);
  const before = app.origin?.before;
  if (before === undefined)
    body.append(
      element(
        'p',
        { class: 'hint' },
        'Choose another trace: the first difference is found, and what follows is put side by side.',
      ),
    );
  else void compare(before, 'the run before');

  async function compare(place: TracePlace, called: string): Promise<void> {
    name.replaceChildren(`with ${called}`);
    body.replaceChildren(element('p', { class: 'hint' }, 'Comparing …'));
    try {
      const own = app.trace;
      if (own === undefined) throw new Error('Let the run wait first.');
      const read = await openBook(sourceOf(place));
      if ('problem' in read) throw new Error(read.problem);
      const comparison = await compareRuns(read.book, own.book, { left: called, right: 'this run' }, app.closing);
      body.replaceChildren(...shown(comparison, app));
    } catch (error) {
      if (!app.closing.aborted)
        body.replaceChildren(
          element('p', { class: 'hint', role: 'alert' }, error instanceof Error ? error.message : String(error)),
        );
    }
  }
}

function shown({ sentence, right, rows }: Comparison, app: App): HTMLElement[] {
  const list = element(
    'table',
    { class: 'diff' },
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...['', 'Other (s)', 'Here (s)', 'Where', 'What'].map((each) =>
          element('th', { scope: 'col' }, each === '' ? element('span', { class: 'unseen' }, 'Difference') : each),
        ),
      ),
    ),
    element('tbody', {}, ...rows.map((row) => rowOf(row, app))),
  );
  return [
    element(
      'p',
      { class: 'parting', role: 'status' },
      sentence,
      right === undefined ? undefined : ' ',
      right === undefined
        ? undefined
        : element('button', { type: 'button', class: 'act', onclick: () => app.visitNumber(right) }, 'Go there'),
    ),
    ...(rows.length === 0
      ? []
      : [element('div', { class: 'diff-scroll', tabindex: 0, role: 'group', 'aria-label': 'Both runs side by side' }, list)]),
  ];
}

function rowOf(row: DiffRow, app: App): HTMLElement {
  const left = 'left' in row ? row.left : undefined;
  const right = 'right' in row ? row.right : undefined;
  const side = (right ?? left) as Side;
  const go = right === undefined ? undefined : () => app.visitNumber(right.number);
  return element(
    'tr',
    { class: row.type, title: WORDS[row.type] },
    element(
      'td',
      { class: 'sign' },
      element('span', { 'aria-hidden': 'true' }, SIGNS[row.type]),
      element('span', { class: 'unseen' }, WORDS[row.type]),
    ),
    element('td', { class: 'mono' }, left?.time ?? ''),
    element(
      'td',
      { class: 'mono' },
      right === undefined ? '' : element('button', { type: 'button', class: 'link', onclick: go }, right.time),
    ),
    element('td', {}, element('b', {}, side.node)),
    element('td', {}, `${side.kind} ${side.text}`),
  );
}

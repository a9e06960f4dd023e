import { formatInstant } from '../../core/time.ts';
import { prompt } from '../live/prompt.ts';
import { nameOf } from '../model/run.ts';
import type { TerminalLine } from '../model/terminal.ts';
import type { App, State } from './app.ts';
import { conditionMark, conditionWord } from './condition.ts';
import { element } from './element.ts';
import { type Icon, icon } from './icons.ts';

/** The terminal of the selected host as it stood at the instant. */
export function mountTerminal(root: HTMLElement, app: App): void {
  const { run } = app.picture;
  const choice = element(
    'select',
    { 'aria-label': 'Host', onchange: () => app.select(Number(choice.value)) },
    ...run.topology.nodes.map((node, number) => element('option', { value: number }, node.name)),
  );
  const hop = (kind: Icon, label: string, direction: 1 | -1): HTMLElement =>
    element(
      'button',
      { type: 'button', class: 'round small', 'aria-label': label, title: label, onclick: () => app.stepOnNode(direction) },
      icon(kind),
    );
  const state = element('p', { class: 'host-state' });
  const body = element('div', { class: 'screen', role: 'log', 'aria-live': 'off', 'aria-label': 'Terminal', tabindex: 0 });
  root.append(
    element(
      'div',
      { class: 'pane-head' },
      choice,
      hop('back', 'Previous event of this host (k)', -1),
      hop('forward', 'Next event of this host (j)', 1),
      state,
    ),
    body,
  );
  const { origin } = app;
  if (origin?.course !== undefined) root.append(prompt(app, origin.course, origin.shell));

  let shown = '';
  /** The lines that stand there. */
  let lines = new Map<string, HTMLElement>();
  /** Between the lines that are read first and those above them that are still to come. */
  const above = element('p', { class: 'hint' });
  function draw({ cursor, node }: State): void {
    // Behind another pane of the desk nobody sees it.
    if (root.hasAttribute('data-behind')) return;
    const { terminals, nodes } = app.picture;
    choice.value = String(node);
    const { condition, processes } = nodes.at(cursor.position, node);
    const screen = terminals.at(cursor.position, node);
    const key = `${node} ${screen.above + screen.lines.length} ${condition} ${processes.join('\n')}`;
    if (key === shown) return;
    shown = key;
    state.replaceChildren(
      conditionMark(condition),
      conditionWord(condition),
      ...processes.map((line) => element('code', {}, line)),
    );
    const { first } = app.picture.run.records;
    const old = lines;
    const made = new Map<string, HTMLElement>();
    const rowOf = (line: TerminalLine, i: number): HTMLElement => {
      const timed = line.type === 'command' || line.at !== screen.lines[i - 1]?.at;
      const key = `${node} ${first + line.record} ${timed}`;
      const row = old.get(key) ?? lineElement(app, line, first + line.record, nameOf(run, node), timed);
      made.set(key, row);
      return row;
    };
    // Most of what stands there stays. A thousand lines take longer to make than all else on the page, so those out of sight come later.
    lines = made;
    let top = Math.max(0, screen.lines.length - SOME_LINES);
    const rows = screen.lines.slice(top).map((line, i) => rowOf(line, top + i));
    const sayAbove = (): void => {
      const left = screen.above + top;
      above.hidden = left === 0;
      above.textContent = `${left} earlier lines are not shown.`;
    };
    sayAbove();
    body.replaceChildren(above, ...rows);
    if (screen.lines.length === 0) body.append(element('p', { class: 'hint' }, emptyText(app, node)));
    body.scrollTop = body.scrollHeight;
    const goOn = (): void => {
      const to = top;
      top = Math.max(0, to - SOME_LINES);
      const more = screen.lines.slice(top, to).map((line, i) => rowOf(line, top + i));
      sayAbove();
      // What is in sight stays where it is by the browser's scroll anchoring; where there is none, by hand, for the price of a layout.
      const below = ANCHORED ? 0 : body.scrollHeight - body.scrollTop;
      above.after(...more);
      if (!ANCHORED) body.scrollTop = body.scrollHeight - below;
      if (top > 0) app.store.later(body, goOn);
    };
    if (top > 0) app.store.later(body, goOn);
    else app.store.drop(body);
  }

  app.store.follow(draw);
  // When it comes to the front.
  new ResizeObserver(() => draw(app.store.state)).observe(root);
}

const ANCHORED = CSS.supports('overflow-anchor', 'auto');
/** Lines that are made at a time: more than a screen has. */
const SOME_LINES = 60;

const emptyText = (app: App, node: number): string =>
  app.picture.terminals.size(node) === 0 ? 'Nothing is typed on this host during the run.' : 'Nothing has been typed here yet.';

/**
 * @param number of the line's record
 * @param timed whether its time is shown: the first line of an instant has it, and each command
 */
function lineElement(app: App, line: TerminalLine, number: number, host: string, timed: boolean): HTMLElement {
  const typed = line.type === 'command';
  const time = timed
    ? element(
        'button',
        { class: 'time', type: 'button', title: 'Go to this event', onclick: () => app.visitNumber(number) },
        formatInstant(line.at as never, 3),
      )
    : element('span', { class: 'time' });
  const prompt = typed ? element('span', { class: 'prompt' }, `${host} $ `) : undefined;
  return element('div', { class: typed ? 'line typed' : 'line' }, time, element('pre', {}, prompt, line.text));
}

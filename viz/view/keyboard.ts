import type { App } from './app.ts';
import { element, found } from './element.ts';
import { icon } from './icons.ts';
import { keep, kept } from './memory.ts';
import { nextPicture, toggleGrown } from './stage.ts';

/** A key, and what it does. */
export interface Shortcut {
  readonly keys: readonly string[];
  readonly shown: string;
  readonly does: string;
  readonly act: (app: App) => void;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: [' '], shown: 'space', does: 'Play or pause', act: (app) => app.togglePlay() },
  { keys: ['.'], shown: '.', does: 'One event on', act: (app) => app.step(1) },
  { keys: [','], shown: ',', does: 'One event back', act: (app) => app.step(-1) },
  { keys: ['j'], shown: 'j', does: 'Next event of the selected host', act: (app) => app.stepOnNode(1) },
  { keys: ['k'], shown: 'k', does: 'Previous event of the selected host', act: (app) => app.stepOnNode(-1) },
  { keys: ['n'], shown: 'n', does: 'Next marker: a command, a fault, a verdict', act: (app) => app.stepToMarker(1) },
  { keys: ['p'], shown: 'p', does: 'Previous marker', act: (app) => app.stepToMarker(-1) },
  { keys: ['b'], shown: 'b', does: 'Bookmark this event, or take the bookmark away', act: (app) => app.toggleBookmark() },
  { keys: ['<'], shown: '<', does: 'Play at half the speed', act: (app) => app.changeSpeed(0.5) },
  { keys: ['>'], shown: '>', does: 'Play at double the speed', act: (app) => app.changeSpeed(2) },
  { keys: ['['], shown: '[', does: 'Focus from here on', act: (app) => focusFrom(app) },
  { keys: [']'], shown: ']', does: 'Focus up to here', act: (app) => focusTo(app) },
  { keys: ['\\'], shown: '\\', does: 'No focus: all of the run', act: (app) => app.focus(undefined) },
  { keys: ['f'], shown: 'f', does: 'Focus on what the space-time diagram shows', act: (app) => app.focus(app.store.state.lens) },
  { keys: ['v'], shown: 'v', does: 'The next picture', act: () => nextPicture() },
  { keys: ['m'], shown: 'm', does: 'Only the picture', act: () => toggleGrown() },
  { keys: ['g'], shown: 'g', does: 'Go to an instant', act: () => found('.goto').focus() },
  { keys: ['/'], shown: '/', does: 'Filter the events', act: () => found('#filter input').focus() },
  {
    keys: ['x'],
    shown: 'x',
    does: 'Go on live from this instant',
    act: () => document.querySelector<HTMLElement>('#fork')?.click(),
  },
  { keys: ['?'], shown: '?', does: 'This help', act: () => openHelp() },
];

/** Lets the focus begin at the cursor. */
function focusFrom(app: App): void {
  const { cursor, focus } = app.store.state;
  app.focus({ from: cursor.instant, to: focus !== undefined && focus.to > cursor.instant ? focus.to : app.picture.run.end });
}

/** Lets the focus end at the cursor. */
function focusTo(app: App): void {
  const { cursor, focus } = app.store.state;
  app.focus({ from: focus !== undefined && focus.from < cursor.instant ? focus.from : 0, to: cursor.instant });
}

/** Keys of one letter act unless somebody types, and can be switched off (WCAG 2.1.4). */
export function mountKeyboard(app: App): void {
  let on = kept('keys') !== 'off';
  const toggle = element('input', {
    type: 'checkbox',
    checked: on,
    onchange: () => {
      on = toggle.checked;
      keep('keys', on ? 'on' : 'off');
    },
  });
  found('#help').replaceChildren(...helpContent(toggle));
  document.addEventListener(
    'keydown',
    (event) => {
      if (!on || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
      const shortcut = SHORTCUTS.find(({ keys }) => keys.includes(event.key));
      if (shortcut === undefined) return;
      event.preventDefault();
      shortcut.act(app);
    },
    { signal: app.closing },
  );
}

export function openHelp(): void {
  const dialog = found<HTMLDialogElement>('#help');
  if (!dialog.open) dialog.showModal();
}

/** Help is open, somebody types into a field, or a control has the focus and the space bar is its own. */
function isTaken(event: KeyboardEvent): boolean {
  if (document.querySelector('dialog[open]') !== null) return true;
  const within = (selector: string): boolean => event.target instanceof Element && event.target.closest(selector) !== null;
  return within('input, select, textarea') || (event.key === ' ' && within('button, [role=button], [role=tab]'));
}

function helpContent(toggle: HTMLInputElement): HTMLElement[] {
  return [
    element(
      'form',
      { method: 'dialog', class: 'help' },
      element(
        'header',
        {},
        element('h2', { id: 'help-title' }, 'Reading a run'),
        element('button', { class: 'round', 'aria-label': 'Close' }, icon('violated')),
      ),
      element(
        'p',
        {},
        'The slider is the only clock: everything on the page is as it was at its instant. Drag it, play it, or step from event to event, forwards and back.',
      ),
      element(
        'p',
        {},
        'Click a host to see its terminal. Click an event to go there. The address bar always links to what you see.',
      ),
      element('h3', {}, 'Keys'),
      element(
        'dl',
        { class: 'keys' },
        ...SHORTCUTS.flatMap(({ shown, does }) => [element('dt', {}, element('kbd', {}, shown)), element('dd', {}, does)]),
      ),
      element('label', { class: 'check' }, toggle, ' Keys of one letter are on'),
      element('h3', {}, 'Filter'),
      element(
        'p',
        {},
        ...interleave(
          ['node:n3', 'kind:drop', 'word:ping', 't>1.2s', 't<90s', '-kind:timer', '"two words"'].map((each) =>
            element('code', {}, each),
          ),
        ),
      ),
    ),
  ];
}

const interleave = (nodes: readonly HTMLElement[]): (HTMLElement | string)[] =>
  nodes.flatMap((node, i) => (i === 0 ? [node] : ['  ', node]));

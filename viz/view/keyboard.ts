import { SHORTCUTS } from '../model/shortcuts.ts';
import type { App } from './app.ts';
import { element, found } from './element.ts';
import { icon } from './icons.ts';
import { keep, kept } from './memory.ts';
import { nextPicture, toggleGrown } from './stage.ts';

const ACTS: Readonly<Record<(typeof SHORTCUTS)[number]['key'], (app: App) => void>> = {
  ' ': (app) => app.togglePlay(),
  '.': (app) => app.step(1),
  ',': (app) => app.step(-1),
  j: (app) => app.stepOnNode(1),
  k: (app) => app.stepOnNode(-1),
  n: (app) => app.stepToMarker(1),
  p: (app) => app.stepToMarker(-1),
  b: (app) => app.toggleBookmark(),
  '<': (app) => app.changeSpeed(0.5),
  '>': (app) => app.changeSpeed(2),
  l: (app) => app.toggleLoop(),
  '[': (app) => focusFrom(app),
  ']': (app) => focusTo(app),
  '\\': (app) => app.focus(undefined),
  f: (app) => app.focus(app.store.state.lens),
  v: () => nextPicture(),
  m: () => toggleGrown(),
  g: () => found('.goto').focus(),
  '/': () => found('#filter input').focus(),
  x: () => document.querySelector<HTMLElement>('#fork')?.click(),
  '?': () => openHelp(),
};

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
      const shortcut = SHORTCUTS.find(({ key }) => key === event.key);
      if (shortcut === undefined) return;
      event.preventDefault();
      ACTS[shortcut.key](app);
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

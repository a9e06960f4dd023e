import type { Picture } from '../model/picture.ts';
import type { App } from './app.ts';
import { FIRST_VIEW } from './app.ts';
import { element, found } from './element.ts';
import { icon } from './icons.ts';
import { DESK, type Panel, PICTURES } from './panels.ts';
import { type Pane, Tabs } from './tabs.ts';

/** From this width on the network is always seen, above another picture. */
const WALL = '(min-width: 1800px)';

/** The stage, which shows one picture at a time, and on a wall the network as well. */
export function mountStage(root: HTMLElement, app: App): void {
  const panels = panesOf(PICTURES, app);
  const tabs = new Tabs(root, 'Pictures', panels, (id) => app.show(id));
  const list = found('#stage > .tabs');
  const grow = element(
    'button',
    {
      class: 'round',
      type: 'button',
      'aria-pressed': false,
      'aria-label': 'Only the picture',
      title: 'Only the picture (m)',
      id: 'grow',
      onclick: toggleGrown,
    },
    icon('fit'),
  );
  list.after(grow);
  const wall = matchMedia(WALL);
  const second = panels.find(({ id }) => id !== FIRST_VIEW)?.id ?? FIRST_VIEW;
  const draw = (): void => {
    const wanted = tabs.has(app.store.state.view) ? app.store.state.view : FIRST_VIEW;
    tabs.show(wall.matches && wanted === FIRST_VIEW ? second : wanted);
    tabs.fill(wall.matches ? FIRST_VIEW : wanted);
  };
  wall.addEventListener('change', draw, { signal: app.closing });
  app.store.watch((state, before) => {
    if (state.view !== before.view || state === before) draw();
  });
}

/** Brings the next picture onto the stage. */
export function nextPicture(): void {
  const tabs = [...document.querySelectorAll<HTMLElement>('#stage > .tabs [role=tab]')].filter(
    ({ offsetParent }) => offsetParent !== null,
  );
  const now = tabs.findIndex((tab) => tab.getAttribute('aria-selected') === 'true');
  tabs[(now + 1) % tabs.length]?.click();
}

/** Shows the picture alone, or what belongs to it again. */
export function toggleGrown(wanted?: unknown): void {
  const grown = found('#viewer').toggleAttribute('data-grown', typeof wanted === 'boolean' ? wanted : undefined);
  found('#grow').setAttribute('aria-pressed', String(grown));
}

let desk: Tabs | undefined;

/** What is read beside the picture. */
export function mountDesk(root: HTMLElement, app: App): void {
  const tabs = new Tabs(root, 'About the run', panesOf(DESK, app), (id) => tabs.show(id));
  desk = tabs;
  tabs.show('terminal');
}

/** Brings something to the front of the desk. */
export const showOnDesk = (id: string): void => desk?.show(id);

/**
 * What there is to show of a run, on the stage and on the desk, by their names.
 *
 * @param known what there was to show of less of the same run: that stays, and is not looked for again
 */
export const suited = (picture: Picture, app: App, known: readonly string[] = []): readonly string[] =>
  [...PICTURES, ...DESK].flatMap(({ id, suits }) => (known.includes(id) || (suits?.(picture, app) ?? true) ? [id] : []));

/** What is at the front of the desk. */
export const onDesk = (): string | undefined =>
  document.querySelector('#desk [role=tab][aria-selected=true]')?.id.replace(/^tab-/, '');

const panesOf = (panels: readonly Panel[], app: App): Pane[] =>
  panels
    .filter(({ suits }) => suits?.(app.picture, app) ?? true)
    .map(({ id, name, count, mount }) => ({ id, name, count: count?.(app.picture), mount: (pane) => mount(pane, app) }));

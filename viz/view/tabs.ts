import { element, found } from './element.ts';

const TABS = [
  ['terminal', 'Terminal'],
  ['members', 'Members'],
  ['checks', 'Checks'],
] as const;

/** Shows one of three panes at a time, or all of them where there is room (the style sheet says from which width on). */
export function mountTabs(counts: Readonly<Record<string, string | undefined>>): void {
  const list = found('#tabbed .tabs');
  const buttons = TABS.map(([id, name]) =>
    element(
      'button',
      { id: `tab-${id}`, role: 'tab', type: 'button', 'aria-controls': id, onclick: () => show(id) },
      name,
      counts[id] === undefined ? undefined : element('span', { class: 'count' }, counts[id]),
    ),
  );
  list.append(...buttons);
  list.addEventListener('keydown', (event) => {
    const key = (event as KeyboardEvent).key;
    const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? TABS.length - 1 : 0;
    if (step === 0) return;
    const now = buttons.findIndex((button) => button.getAttribute('aria-selected') === 'true');
    const next = TABS[(now + step) % TABS.length] as (typeof TABS)[number];
    show(next[0]);
    found(`#tab-${next[0]}`).focus();
    event.preventDefault();
  });
  for (const [id] of TABS) found(`#${id}`).setAttribute('role', 'tabpanel');
  show('terminal');
}

/** Brings a pane to the front. */
export function show(shown: string): void {
  for (const [id] of TABS) {
    const selected = id === shown;
    found(`#${id}`).toggleAttribute('data-behind', !selected);
    const button = found(`#tab-${id}`);
    button.setAttribute('aria-selected', String(selected));
    button.tabIndex = selected ? 0 : -1;
  }
}

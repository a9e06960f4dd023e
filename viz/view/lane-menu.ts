import { type LaneChoice, moved } from '../model/lanes.ts';
import { nameOf } from '../model/run.ts';
import type { App } from './app.ts';
import { element } from './element.ts';
import { icon } from './icons.ts';

/** Which lanes are shown, and in which order: a button that opens a list of them. */
export function laneMenu(app: App, current: () => LaneChoice, change: (choice: LaneChoice) => void): HTMLElement {
  const list = element('ul', {});
  const grouped = element('input', {
    type: 'checkbox',
    onchange: () => change({ ...current(), grouped: grouped.checked }),
  });
  const busy = element('input', {
    type: 'checkbox',
    checked: current().busy,
    onchange: () => change({ ...current(), busy: busy.checked }),
  });
  const all = (hidden: boolean) => (): void => {
    const { order } = current();
    change({ ...current(), hidden: new Set(hidden ? order : []) });
    draw();
  };
  const popover = element(
    'div',
    { class: 'menu', popover: 'auto', id: 'lane-menu', 'aria-label': 'Lanes', role: 'group' },
    element('label', { class: 'option' }, grouped, ' Together by segment'),
    element('label', { class: 'option' }, busy, ' Only where something happens in sight'),
    element(
      'p',
      {},
      element('button', { type: 'button', class: 'quiet small', onclick: all(false) }, 'Show all'),
      element('button', { type: 'button', class: 'quiet small', onclick: all(true) }, 'Hide all'),
    ),
    list,
  );
  const button = element(
    'button',
    { type: 'button', class: 'quiet small', popovertarget: 'lane-menu', title: 'Choose and order the lanes' },
    icon('lanes'),
    element('span', {}, 'Lanes'),
  );
  popover.addEventListener('beforetoggle', (event) => {
    if ((event as ToggleEvent).newState !== 'open') return;
    draw();
    const box = button.getBoundingClientRect();
    popover.style.left = `${Math.max(8, Math.min(box.left, innerWidth - 280))}px`;
    popover.style.top = `${box.bottom + 4}px`;
  });

  function draw(): void {
    const { run } = app.picture;
    list.replaceChildren(
      ...current().order.map((node) => {
        const name = nameOf(run, node);
        const shown = element('input', {
          type: 'checkbox',
          checked: !current().hidden.has(node),
          onchange: () => {
            const hidden = new Set(current().hidden);
            if (shown.checked) hidden.delete(node);
            else hidden.add(node);
            change({ ...current(), hidden });
          },
        });
        const move = (direction: 1 | -1) => (): void => {
          change(moved(current(), node, direction));
          draw();
          list.querySelector<HTMLElement>(`[data-node="${node}"] [data-move="${direction}"]`)?.focus();
        };
        const mover = (direction: 1 | -1): HTMLElement =>
          element(
            'button',
            {
              type: 'button',
              class: 'round small',
              'data-move': direction,
              'aria-label': `Move ${name} ${direction < 0 ? 'up' : 'down'}`,
              onclick: move(direction),
            },
            icon(direction < 0 ? 'up' : 'down'),
          );
        return element(
          'li',
          { 'data-node': node },
          element('label', { class: 'option' }, shown, ` ${name}`),
          mover(-1),
          mover(1),
        );
      }),
    );
  }
  return element('span', {}, button, popover);
}

import type { Belief } from '../model/members.ts';
import { nameOf } from '../model/run.ts';
import type { App } from './app.ts';
import { drawn, element } from './element.ts';

/** More cells than this are not drawn one by one. */
const MOST_CELLS = 4096;

/** What a belief looks like: a shape on a grid of 12 × 12 and a class that colours it. */
const LOOKS: Readonly<Record<string, { readonly shape: string; readonly tone: string }>> = {
  alive: { shape: 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z', tone: 'alive' },
  suspect: { shape: 'M6 1.2 11 10.4H1z', tone: 'suspect' },
  leaving: { shape: 'M6 1.5a4.5 4.5 0 1 0 0 9Z', tone: 'left' },
  left: { shape: 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM6 3.6a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8Z', tone: 'left' },
  failed: { shape: 'M2.9 1.5 6 4.6l3.1-3.1 1.4 1.4L7.4 6l3.1 3.1-1.4 1.4L6 7.4l-3.1 3.1-1.4-1.4L4.6 6 1.5 2.9z', tone: 'failed' },
  dead: { shape: 'M2.9 1.5 6 4.6l3.1-3.1 1.4 1.4L7.4 6l3.1 3.1-1.4 1.4L6 7.4l-3.1 3.1-1.4-1.4L4.6 6 1.5 2.9z', tone: 'failed' },
};

/** Who holds whom for what, a row for each observer. */
export function mountMembers(root: HTMLElement, app: App): void {
  const { run, members } = app.picture;
  const { observers, subjects } = members;
  if (observers.length === 0) {
    root.append(element('p', { class: 'hint' }, 'No protocol of this run keeps a list of members.'));
    return;
  }
  if (observers.length * subjects.length > MOST_CELLS) {
    root.append(
      element('p', { class: 'hint' }, `${observers.length} observers of ${subjects.length} members are too many for this table.`),
    );
    return;
  }
  const cells = observers.map(() => subjects.map(() => element('td')));
  root.append(
    element(
      'div',
      { class: 'matrix-frame', tabindex: 0, role: 'group', 'aria-label': 'Table of members, scrolls' },
      element(
        'table',
        { class: 'matrix' },
        element('caption', { class: 'unseen' }, 'What each node (row) believes of each member (column)'),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            element('th', { scope: 'col', class: 'corner' }, 'seen by'),
            ...subjects.map((subject) =>
              element('th', { scope: 'col', title: subject }, element('span', { class: 'subject' }, subject)),
            ),
          ),
        ),
        element(
          'tbody',
          {},
          ...observers.map((observer, row) =>
            element('tr', {}, element('th', { scope: 'row' }, nameOf(run, observer)), ...(cells[row] as HTMLElement[])),
          ),
        ),
      ),
    ),
    element(
      'p',
      { class: 'key' },
      ...['alive', 'suspect', 'failed', 'left'].flatMap((status) => [mark(status), element('span', {}, status)]),
    ),
  );

  const shown: Belief[][] = observers.map(() => subjects.map(() => undefined));
  app.store.watch(({ cursor, picture }) => {
    picture.members.at(cursor.position).beliefs.forEach((row, i) => {
      row.forEach((belief, j) => {
        const cell = cells[i]?.[j] as HTMLElement;
        if (belief === shown[i]?.[j] && cell.hasChildNodes()) return;
        (shown[i] as Belief[])[j] = belief;
        const words = `${subjects[j]} is ${belief ?? 'unknown'} to ${nameOf(run, observers[i] as number)}`;
        cell.replaceChildren(mark(belief), element('span', { class: 'unseen' }, belief ?? 'unknown'));
        cell.title = words;
      });
    });
  });
}

function mark(belief: Belief): Element {
  const look = belief === undefined ? undefined : LOOKS[belief];
  if (look === undefined)
    return element('span', { class: 'mark-text', 'aria-hidden': 'true' }, belief === undefined ? '·' : belief.slice(0, 3));
  return drawn(
    'svg',
    { viewBox: '0 0 12 12', class: `mark ${look.tone}`, 'aria-hidden': 'true' },
    drawn('path', { d: look.shape, 'fill-rule': 'evenodd', fill: 'currentColor' }),
  );
}

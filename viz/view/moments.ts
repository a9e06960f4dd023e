import { formatInstant } from '../../core/time.ts';
import type { MarkerType } from '../model/run.ts';
import type { App } from './app.ts';
import { element } from './element.ts';
import { type Icon, icon } from './icons.ts';
import { choiceOf } from './twin.ts';

/** More are not listed; those nearest to the cursor are. */
const MOST = 200;

const SORTS = {
  all: 'All moments',
  bookmarks: 'Bookmarks',
  faults: 'Faults',
  checks: 'Checks',
  commands: 'Commands',
  leaders: 'Leaders',
} as const;
type Sort = keyof typeof SORTS;

const LOOKS: Readonly<
  Record<MarkerType | 'bookmark', { readonly mark: Icon; readonly tone: string; readonly sort: Sort; readonly word: string }>
> = {
  bookmark: { mark: 'bookmark', tone: 'accent', sort: 'bookmarks', word: 'bookmark' },
  command: { mark: 'prompt', tone: 'text', sort: 'commands', word: 'command' },
  fault: { mark: 'bolt', tone: 'failed', sort: 'faults', word: 'fault' },
  crash: { mark: 'violated', tone: 'failed', sort: 'faults', word: 'crash' },
  boot: { mark: 'up', tone: 'alive', sort: 'faults', word: 'boot' },
  stop: { mark: 'stop', tone: 'suspect', sort: 'faults', word: 'stop' },
  pause: { mark: 'pause', tone: 'suspect', sort: 'faults', word: 'pause' },
  leader: { mark: 'leader', tone: 'accent', sort: 'leaders', word: 'leads' },
  held: { mark: 'held', tone: 'alive', sort: 'checks', word: 'held' },
  violated: { mark: 'violated', tone: 'failed', sort: 'checks', word: 'violated' },
  inconclusive: { mark: 'inconclusive', tone: 'suspect', sort: 'checks', word: 'inconclusive' },
};

/** What stands out in the run, and what was bookmarked, as a list: the time line's markers in words. */
export function mountMoments(root: HTMLElement, app: App): void {
  let sort: Sort = 'all';
  const list = element('ol', { class: 'moments', tabindex: 0, 'aria-label': 'Moments' });
  const status = element('output', { class: 'found' });
  root.append(
    element(
      'div',
      { class: 'tools' },
      choiceOf('Which', SORTS, sort, (value) => {
        sort = value;
        draw();
      }),
      status,
    ),
    list,
  );

  function draw(): void {
    if (root.offsetParent === null) return;
    const { bookmarks, focus } = app.store.state;
    const { run, markers } = app.picture;
    const atOf = (number: number): number => run.records.at[number - run.records.first] ?? Number.NaN;
    const all = [
      ...markers.map(({ at, number, type }) => ({ at, number, type: type as MarkerType | 'bookmark' })),
      ...bookmarks.map((number) => ({ at: atOf(number), number, type: 'bookmark' as const })),
    ]
      .filter(
        ({ at, type }) =>
          (sort === 'all' || LOOKS[type].sort === sort) && !(focus !== undefined && (at < focus.from || at > focus.to)),
      )
      .toSorted((a, b) => a.number - b.number);
    const here = all.findLastIndex(({ number }) => number <= app.number);
    const first = Math.max(0, Math.min(all.length - MOST, here - MOST / 2));
    const shown = all.slice(first, first + MOST);
    status.replaceChildren(
      all.length > shown.length ? `${shown.length} of ${all.length}, those around the cursor` : `${all.length}`,
    );
    list.replaceChildren(
      ...shown.map(({ at, number, type }, i) => {
        const { mark, tone, word } = LOOKS[type];
        const row = app.row(number, draw);
        return element(
          'li',
          { class: first + i === here ? 'moment-here' : '' },
          element(
            'button',
            {
              type: 'button',
              class: `row-link moment${number > app.number ? ' moment-later' : ''}`,
              'aria-current': first + i === here ? 'true' : undefined,
              onclick: () => app.visitNumber(number),
            },
            element('span', { class: `mark moment-mark ${tone}` }, icon(mark)),
            element('span', { class: 'mono muted' }, Number.isNaN(at) ? `#${number}` : formatInstant(at as never, 3)),
            element('span', { class: 'unseen' }, `${word}: `),
            element('b', {}, row?.node ?? ''),
            element('span', {}, `${type === 'leader' ? 'leads from here: ' : ''}${row?.text ?? '…'}`),
          ),
        );
      }),
    );
    list.querySelector('.moment-here')?.scrollIntoView({ block: 'nearest' });
  }

  new ResizeObserver(draw).observe(root);
  app.store.follow((state, before) => {
    if (
      state.cursor !== before.cursor ||
      state.bookmarks !== before.bookmarks ||
      state.focus !== before.focus ||
      state.picture !== before.picture
    )
      draw();
  });
}

import { countText } from '../model/clock.ts';
import { whyAsText } from '../model/export.ts';
import { causesOf } from '../model/why.ts';
import type { App } from '../view/app.ts';
import { element, found } from '../view/element.ts';
import { Errands } from '../view/errands.ts';
import { icon } from '../view/icons.ts';
import { pixelsOf, snapshotOf } from '../view/snapshot.ts';
import { attempt } from './attempt.ts';
import { download } from './download.ts';
import type { Shell } from './origin.ts';

/** The button that leads to what can be taken along: the link, the picture, the events, why. Nothing of it leaves the machine by itself. */
export function shareButton(app: App, shell: Shell): HTMLElement {
  return element(
    'button',
    { class: 'quiet', type: 'button', title: 'Share', onclick: () => open(app, shell) },
    icon('share'),
    element('span', { class: 'wide' }, 'Share'),
  );
}

function open(app: App, shell: Shell): void {
  const dialog = found<HTMLDialogElement>('#share');
  const said = element('output', { class: 'found', 'aria-live': 'polite' });
  const say = (text: string, stop?: () => void): void => {
    const button = stop === undefined ? [] : [' ', element('button', { type: 'button', class: 'act', onclick: stop }, 'Stop')];
    said.replaceChildren(text, ...button);
  };
  const { origin } = app;
  const item = (label: string, about: string, act: () => Promise<string | undefined>): HTMLElement =>
    element(
      'li',
      {},
      element(
        'button',
        {
          type: 'button',
          class: 'choice',
          onclick: () =>
            void attempt(async () => {
              said.replaceChildren((await act()) ?? `${label}: done.`);
            }, shell),
        },
        element('b', {}, label),
        element('span', {}, about),
      ),
    );
  const name = app.picture.run.scenario.replace(/[^\w-]+/g, '-').replace(/^-|-$/g, '') || 'run';
  const carries =
    origin === undefined
      ? 'For those who have the same trace or page.'
      : 'It holds the run as well: whoever has this page can make it again.';
  const about =
    origin !== undefined && origin.link === ''
      ? 'This run is too large for a link. Send the replay file, and this link with it.'
      : carries;
  dialog.replaceChildren(
    element(
      'form',
      { method: 'dialog', class: 'help' },
      element(
        'header',
        {},
        element('h2', { id: 'share-title' }, 'Share what you see'),
        element('button', { class: 'round', 'aria-label': 'Close' }, icon('violated')),
      ),
      element('p', { class: 'muted' }, 'All of it is made here and put into your hands. The page sends nothing anywhere.'),
      element(
        'ul',
        { class: 'choices' },
        item('Copy the link to this moment', about, copyLink),
        item('Picture as SVG', 'What the picture on the stage shows, as shapes.', async () => {
          const shot = await snapshotOf(stagePane());
          download(new Blob([shot.svg], { type: 'image/svg+xml' }), `${name}.svg`);
          return shot.lacks;
        }),
        item('Picture as PNG', 'The same in twice the pixels.', async () => {
          const shot = await snapshotOf(stagePane());
          download(await pixelsOf(shot), `${name}.png`);
          return shot.lacks;
        }),
        item('Events as CSV', 'All of the run that the filter and the focus let through.', async () =>
          events(app, name, 'csv', say),
        ),
        item('Events as JSON', 'The same, an object each.', async () => events(app, name, 'json', say)),
        item('Why, as text', 'The last event and what it follows from, for a bug report.', async () => {
          download(new Blob([why(app)], { type: 'text/plain' }), `${name}-why.txt`);
          return undefined;
        }),
        ...(origin?.judged === undefined
          ? []
          : [
              item('Replay file', 'What partita replay repeats.', async () => {
                download(new Blob([origin.judged?.file ?? ''], { type: 'application/yaml' }), `${name}.yaml`);
                return undefined;
              }),
              item('Trace', 'All that happened, for partita view and partita log.', async () => {
                download(origin.judged?.trace ?? new Blob(), `${name}.partita`);
                return undefined;
              }),
            ]),
      ),
      said,
    ),
  );
  dialog.showModal();
}

async function copyLink(): Promise<string> {
  try {
    await navigator.clipboard.writeText(location.href);
    return 'The link is in the clipboard.';
  } catch {
    return 'The browser keeps the clipboard to itself; the link is in the address bar.';
  }
}

function stagePane(): Element {
  const pane = document.querySelector('#stage > .pane:not([data-behind])');
  if (pane === null) throw new Error('There is no picture on the stage.');
  return pane;
}

/** Writes the events of the whole run that the filter and the focus let through, beside the page. */
async function events(
  app: App,
  name: string,
  format: 'csv' | 'json',
  say: (text: string, stop?: () => void) => void,
): Promise<string> {
  const { trace } = app;
  if (trace === undefined) throw new Error('Let the run wait first.');
  const { filter, focus } = app.store.state;
  const stopping = new AbortController();
  const closing = AbortSignal.any([stopping.signal, app.closing]);
  const errands = new Errands(trace.place, closing);
  const told = (part: number): void => say(`Looking through the run … ${Math.floor(100 * part)} %`, () => stopping.abort());
  try {
    const { file, count } = await errands.export({ filter, focus, format }, told, closing);
    download(new Blob([file], { type: format === 'csv' ? 'text/csv' : 'application/json' }), `${name}.${format}`);
    return `${countText(count)} ${count === 1 ? 'event' : 'events'}.`;
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    return 'Stopped.';
  } finally {
    stopping.abort();
  }
}

function why(app: App): string {
  const { run, describer } = app.picture;
  const place = app.store.state.cursor.position - 1;
  if (place < 0) throw new Error('Nothing has happened yet.');
  return whyAsText(run, describer, place, causesOf(run, place).chain);
}

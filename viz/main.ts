import type { ByteSource } from '../sim/trace/sink.ts';
import { attempt } from './live/attempt.ts';
import { mountBar } from './live/bar.ts';
import { serveLive, serveRun } from './live/kitchen.ts';
import type { Origin, Shell } from './live/origin.ts';
import { shareButton } from './live/share.ts';
import { traceFork } from './live/trace-run.ts';
import { type Book, openBook } from './model/book.ts';
import { countText, lengthText } from './model/clock.ts';
import { type Place, parsePlace } from './model/link.ts';
import { paletteSheet } from './model/palette.ts';
import { type Picture, pictureOf } from './model/picture.ts';
import { unpackRecipe } from './model/recipe.ts';
import type { Outcome } from './model/run.ts';
import { placeAt, sourceOf, type TracePlace } from './model/source.ts';
import { mountAddress } from './view/address.ts';
import { App } from './view/app.ts';
import { mountDetail } from './view/detail.ts';
import { element, found } from './view/element.ts';
import { mountEvents } from './view/events.ts';
import { icon } from './view/icons.ts';
import { mountKeyboard, openHelp } from './view/keyboard.ts';
import { embeddedTrace } from './view/source.ts';
import { mountDesk, mountStage, showOnDesk } from './view/stage.ts';
import { themeButton } from './view/theme.ts';
import { mountTimeline } from './view/timeline.ts';
import { mountTransport } from './view/transport.ts';
import { unpackerFor } from './view/unpacker.ts';
import { acceptDrops, openButton, showWelcome } from './view/welcome.ts';

/** What the page was written with, to start again from when another run is opened. */
const blank = new Map(['#viewer', '#transport', '#actions'].map((selector) => [selector, found(selector).innerHTML]));
let shown: { readonly app: App; readonly close: () => void } | undefined;

// A fault of the viewer itself is said, too: a page that stands still without a word helps nobody.
addEventListener('error', ({ message }) => {
  // No failure: a picture's first words took room from it, and it is told of its new size a frame later.
  if (!message.startsWith('ResizeObserver loop')) complain(`The viewer failed: ${message}`);
});
addEventListener('unhandledrejection', ({ reason }) =>
  complain(`The viewer failed: ${reason instanceof Error ? reason.message : reason}`),
);
/** What makes runs in the page reaches it through this. */
const shell: Shell = {
  show: async (trace, origin, place) => {
    // A link to a place in the run that was shown is no link into this one.
    if (shown !== undefined && place === undefined) history.replaceState(null, '', location.pathname + location.search);
    return open(trace, 'The run', origin, place);
  },
  complain,
  busy: (text, stop) => {
    document.body.setAttribute('aria-busy', String(text !== undefined));
    const facts = text ?? (shown === undefined ? '' : factsOf(shown.app.picture));
    const button = stop === undefined ? [] : [' ', element('button', { type: 'button', class: 'act', onclick: stop }, 'Stop')];
    found('#facts').replaceChildren(facts, ...button);
  },
};
document.head.append(element('style', {}, paletteSheet()));
acceptDrops(openFile);
void begin();

/** Shows the run that the page was made for: one inside it, one that its address names, or none yet. */
async function begin(): Promise<void> {
  drawActions(undefined);
  try {
    const address = new URLSearchParams(location.search).get('trace');
    const packed = new URLSearchParams(location.hash.slice(1)).get('run');
    const place = embeddedTrace() ?? (address === null ? undefined : await placeAt(address));
    if (place !== undefined) await openPlace(place, document.title);
    else if (packed !== null) await openPacked(packed);
    else showWelcome(shell, openFile);
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    showWelcome(shell, openFile);
  }
}

/** Makes the run that a link holds. */
async function openPacked(packed: string): Promise<void> {
  const recipe = await unpackRecipe(packed);
  if ('problem' in recipe) throw new Error(recipe.problem);
  await serveRun(recipe, shell);
}

function openFile(file: File): void {
  // A link to a place in the run that was shown is no link into this one.
  if (shown !== undefined) history.replaceState(null, '', location.pathname + location.search);
  void attempt(async () => {
    await openPlace({ blob: file }, file.name);
  }, shell);
}

/** A trace; or a text, from which a run is made. */
async function openPlace(place: TracePlace, name: string): Promise<void> {
  const source = sourceOf(place);
  const text = await textOf(source);
  if (text === undefined) await open(place, name);
  else await openText(text, name);
}

/** The text of a scenario or of a replay file, if a file may be one: traces have bytes that are no text, and other texts say nothing of hosts. */
async function textOf(source: ByteSource): Promise<string | undefined> {
  if (source.size === 0 || source.size > MOST_TEXT) return undefined;
  const start = await source.read(0, Math.min(512, source.size));
  if (start.some((byte) => byte === 0 || byte > 0xf7)) return undefined;
  const text = new TextDecoder().decode(await source.read(0, source.size));
  return /(?:^|[\s{,"'])(?:hosts|network|replay)["']?\s*:/.test(text) ? text : undefined;
}

/** The largest text that can be a scenario or a replay file. */
const MOST_TEXT = 4 * 1024 * 1024;

/** A replay file is run to its end; a scenario waits to be run. */
async function openText(text: string, name: string): Promise<void> {
  const isReplay = /^\s*(?:#.*\n\s*)*(?:\{\s*"|["'])?replay["']?\s*:/.test(text);
  await (isReplay ? serveRun : serveLive)({ text, name }, shell);
}

/** @param name what people call it, for what is said about it */
async function open(place: TracePlace, name = 'The trace', origin?: Origin, look?: Place): Promise<App | undefined> {
  found('#notice').hidden = true;
  document.body.setAttribute('aria-busy', 'true');
  const unpacker = unpackerFor(place);
  const read = await openBook(sourceOf(place, unpacker?.read), {}, unpacker);
  // Where the link leads, so that not another page is shown first.
  const linked = look ?? parsePlace(location.hash);
  const target =
    linked === undefined || 'problem' in linked
      ? { number: 1 }
      : linked.position === undefined
        ? { instant: linked.instant }
        : { number: linked.position };
  const run = 'book' in read ? await read.book.open(target) : undefined;
  document.body.removeAttribute('aria-busy');
  if ('problem' in read) {
    found('#facts').replaceChildren(shown === undefined ? '' : factsOf(shown.app.picture));
    complain(`${name}: ${read.problem}`);
    if (shown === undefined) showWelcome(shell, openFile);
    return undefined;
  }
  if (run === undefined) return undefined;
  const app = view(pictureOf(run), read.book, place, origin);
  if (look !== undefined) app.follow(look);
  if (run.gaps.length > 0) complain(`This trace is not whole. ${run.gaps.join(' ')}`);
  return app;
}

function view(picture: Picture, book: Book, place: TracePlace, origin: Origin | undefined): App {
  shown?.close();
  for (const [selector, html] of blank) found(selector).innerHTML = html;
  const closing = new AbortController();
  const app = new App(picture, closing.signal, { book, place }, origin);
  shown = {
    app,
    close: () => {
      app.store.set({ playing: false });
      closing.abort();
    },
  };
  const { run } = picture;
  document.title = `${run.scenario} · Partita`;
  found('#scenario').replaceChildren(run.scenario);
  found('#facts').replaceChildren(factsOf(picture));
  drawActions(app);
  found('#welcome').hidden = true;
  found('#viewer').hidden = false;
  found('#transport').hidden = false;
  mountStage(found('#stage'), app);
  mountDesk(found('#desk'), app);
  mountEvents(found('#events'), found('#filter'), app);
  mountDetail(found('#detail'), app);
  mountTimeline(found('#transport'), app);
  mountTransport(found('#transport'), app);
  mountKeyboard(app);
  mountAddress(app, complain);
  mountBar(found('#bar'), app);
  return app;
}

const factsOf = ({ run }: Picture): string =>
  [`seed ${run.seed}`, lengthText(run.end), `${countText(run.total)} events`, `${run.topology.nodes.length} nodes`].join(' · ');

function drawActions(app: App | undefined): void {
  const help = element(
    'button',
    { class: 'quiet', type: 'button', 'aria-label': 'Help', title: 'Help (?)', onclick: openHelp },
    icon('help'),
  );
  found('#actions').replaceChildren(
    ...(app === undefined ? [] : [outcomeButton(app.picture)]),
    openButton(openFile, 'Open', 'quiet'),
    ...[app === undefined ? undefined : traceFork(app, shell)].filter((each) => each !== undefined),
    ...(app === undefined ? [] : [shareButton(app, shell)]),
    themeButton(),
    ...(app === undefined ? [] : [help]),
  );
}

/** What all checks together came to; leads to them. */
function outcomeButton({ run }: Picture): HTMLElement {
  const count = (outcome: Outcome): number => run.verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const [violated, inconclusive, held] = [count('violated'), count('inconclusive'), count('held')];
  if (run.verdicts.length === 0) return element('span', { class: 'outcome-none' });
  const worst: Outcome = violated > 0 ? 'violated' : inconclusive > 0 ? 'inconclusive' : 'held';
  const number = { violated, inconclusive, held }[worst];
  return element(
    'button',
    {
      class: `verdict-chip ${worst}`,
      type: 'button',
      title: 'Show the checks',
      'aria-label': `${number} ${worst}: show the checks`,
      onclick: () => showOnDesk('checks'),
    },
    icon(worst),
    element('span', {}, String(number)),
    ' ',
    element('span', { class: 'wide' }, worst),
  );
}

/** Says something that a person must know, until the next run is opened or it is put away. */
function complain(sentence: string): void {
  const notice = found('#notice');
  notice.hidden = false;
  notice.replaceChildren(
    element('p', {}, sentence),
    element(
      'button',
      {
        class: 'round',
        type: 'button',
        'aria-label': 'Put away',
        onclick: () => {
          notice.hidden = true;
        },
      },
      icon('violated'),
    ),
  );
}

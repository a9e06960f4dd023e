import { formatInstant } from '../../core/time.ts';
import type { App } from '../view/app.ts';
import { element } from '../view/element.ts';
import { type Icon, icon } from '../view/icons.ts';
import { showOnDesk } from '../view/stage.ts';
import { attempt } from './attempt.ts';
import { type Course, PACES } from './course.ts';
import { download } from './download.ts';
import { serveLive, serveRun } from './kitchen.ts';
import type { Judged, Judgement } from './messages.ts';
import type { Origin, Shell } from './origin.ts';
import { mountTour } from './tour.ts';

/** The bar of a run that was made here: what it came to, or the controls of one that goes on. */
export function mountBar(root: HTMLElement, app: App): void {
  const { origin } = app;
  root.hidden = origin === undefined;
  if (origin === undefined) return;
  root.replaceChildren(
    ...(origin.course === undefined ? doneBar(app, origin, origin.shell) : liveBar(app, origin.course, origin.shell)),
  );
}

const paceName = (pace: number): string => (pace === Number.POSITIVE_INFINITY ? 'as fast as it goes' : `${pace} ×`);

function liveBar(app: App, course: Course, shell: Shell): HTMLElement[] {
  const run = button('play', 'Run', () => course.toggle(), shell, 'primary');
  const state = element('output', { class: 'live-state', 'aria-label': 'State of the run' });
  const pace = element(
    'select',
    { 'aria-label': 'Speed of the run', onchange: () => course.setPace(PACES[Number(pace.value)] as number) },
    ...PACES.map((each, i) => element('option', { value: i }, paceName(each))),
  );
  const fork = button('fork', 'Go on from here', () => course.fork(app.store.state.cursor.instant), shell);
  fork.title = 'What was done after this instant is undone (x)';
  fork.id = 'fork';
  course.watch(({ running, pace: speed, now }) => {
    run.replaceChildren(icon(running ? 'pause' : 'play'), element('span', {}, running ? 'Pause' : 'Run'));
    state.replaceChildren(element('b', {}, running ? 'Running' : 'Waiting'), ` at ${formatInstant(now as never, 3)} s`);
    state.toggleAttribute('data-running', running);
    pace.value = String(PACES.indexOf(speed as never));
    showFork();
  });
  function showFork(): void {
    const { now, running } = course.state;
    fork.disabled = running || app.store.state.cursor.instant >= now;
  }
  app.store.watch(showFork);
  return [
    element('span', { class: 'live-dot' }, 'Live'),
    run,
    element('label', { class: 'speed' }, element('span', { class: 'unseen' }, 'Speed of the run'), pace),
    state,
    fork,
    element('span', { class: 'gap' }),
    button('save', 'Save replay file', async () => save(await course.save()), shell),
    button('held', 'Judge', async () => finish(course, shell), shell),
  ];
}

/** The run so far as one that is over, with what its checks say. */
async function finish(course: Course, shell: Shell): Promise<void> {
  await course.pause();
  await serveRun(course.recipeSoFar(), shell);
  showOnDesk('checks');
}

const save = ({ file }: Judged): void => download(new Blob([file], { type: 'application/yaml' }), 'run.yaml');

function doneBar(app: App, origin: Origin, shell: Shell): HTMLElement[] {
  const { judged, reference, recipe } = origin;
  const fork = button(
    'fork',
    'Go on live from here',
    () => serveLive(recipe, shell, app.store.state.cursor.instant, app.place()),
    shell,
  );
  fork.id = 'fork';
  fork.title = 'A run that goes on from this instant, to do things to (x)';
  const buttons = [
    ...(origin.before === undefined
      ? []
      : [button('table', 'Compare with the run before', async () => app.show('compare'), shell)]),
    fork,
    ...(judged === undefined ? [] : [button('save', 'Save replay file', async () => save(judged), shell)]),
  ];
  if (origin.story !== undefined) return [mountTour(app, origin.story, buttons)];
  const sentence = judged === undefined ? '' : sentenceOn(judged, reference, origin.before !== undefined);
  return [element('span', { class: 'sentence' }, sentence), element('span', { class: 'gap' }), ...buttons];
}

const GOOD: Readonly<Record<Judgement['verdict'], string>> = {
  held: 'All that was checked held.',
  inconclusive: 'Nothing is violated, but not all that was to be checked was seen.',
  violated: 'Something is violated.',
};

/** Says how a run's outcome compares with what it is compared with. */
export function sentenceOn(judged: Judgement, reference: Judgement | undefined, isEdition: boolean): string {
  const { failure } = judged;
  const before = reference?.failure;
  const now = failure === undefined ? GOOD[judged.verdict] : `${failure.check}: ${failure.says}`;
  if (reference === undefined || reference === judged) return now;
  if (before === undefined) return failure === undefined ? (isEdition ? `${now} As before.` : now) : `It fails now. ${now}`;
  if (failure === undefined) return `It no longer fails. Before, ${before.check} did: ${before.says}`;
  if (failure.check === before.check && failure.sort === before.sort) return `It still fails in the same way. ${now}`;
  return `It fails differently. ${now}`;
}

function button(kind: Icon, label: string, act: () => Promise<unknown>, shell: Shell, look = 'quiet'): HTMLButtonElement {
  return element(
    'button',
    { class: look, type: 'button', onclick: () => void attempt(act, shell) },
    icon(kind),
    element('span', {}, label),
  );
}

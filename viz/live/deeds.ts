import { parseDuration } from '../../core/time.ts';
import { exactSeconds } from '../model/link.ts';
import { nameOf } from '../model/run.ts';
import type { App } from '../view/app.ts';
import { element } from '../view/element.ts';
import { icon } from '../view/icons.ts';
import { showOnDesk } from '../view/stage.ts';
import { attempt } from './attempt.ts';
import type { Course } from './course.ts';
import { serveRun } from './kitchen.ts';
import type { Act, Direction, Entry } from './messages.ts';
import type { Origin, Shell } from './origin.ts';

/** What is done to the run: of one that goes on what more may be done, of one that is over what may be left out or moved. */
export function mountDeeds(root: HTMLElement, app: App): void {
  const { origin } = app;
  if (origin === undefined) return;
  const { shell } = origin;
  root.classList.add('deeds');
  if (origin.course !== undefined) root.append(...liveDeeds(app, origin.course, shell));
  else root.append(...editedDeeds(app, origin, shell));
}

/** Things to do to a host and to what is between it and others, and the list of what was done. */
function liveDeeds(app: App, course: Course, shell: Shell): HTMLElement[] {
  const hosts = app.picture.run.topology.nodes.map(({ name }) => name);
  const choice = (label: string, onchange: () => void): HTMLSelectElement =>
    element('select', { 'aria-label': label, onchange }, ...hosts.map((name, node) => element('option', { value: node }, name)));
  const host = choice('Host', () => app.select(Number(host.value)));
  const other = choice('Other host', () => undefined);
  other.value = String(hosts.length > 1 ? 1 : 0);
  const nameHere = (): string => nameOf(app.picture.run, app.store.state.node);
  const said = element('output', { class: 'found', 'aria-live': 'polite' });
  const act = (make: () => Act): void =>
    void attempt(async () => {
      const says = await course.act(make());
      said.replaceChildren(says);
    }, shell);
  const button = (label: string, make: () => Act): HTMLElement =>
    element('button', { type: 'button', class: 'act', onclick: () => act(make) }, label);
  const number = (label: string, value: number, unit: string, most: number): HTMLInputElement =>
    element('input', { type: 'number', min: 0, max: most, value, 'aria-label': `${label} in ${unit}`, class: 'amount' });
  const loss = number('Loss', 30, 'percent', 100);
  const delay = number('Delay', 100, 'milliseconds', 3_600_000);
  const slow = number('Lateness', 50, 'milliseconds', 3_600_000);
  const drift = element('input', {
    type: 'number',
    value: 500,
    'aria-label': 'Clock drift in parts per million',
    class: 'amount',
  });
  const both = element('input', { type: 'checkbox', checked: true });
  const pairs = (): Direction[] => {
    const there = hosts[Number(other.value)] as string;
    const way: Direction = [nameHere(), there];
    return both.checked ? [way, [there, nameHere()]] : [way];
  };
  const list = element('ol', { class: 'entries' });
  course.watch(({ entries }) => {
    const rows = entries.map((entry, place) => liveRow(entry, () => act(() => ({ type: 'end', place }))));
    list.replaceChildren(
      ...(rows.length === 0 ? [element('li', { class: 'hint' }, 'Nothing was done to this run.')] : rows.toReversed()),
    );
  });
  app.store.watch(({ node }) => {
    host.value = String(node);
  });
  return [
    element(
      'fieldset',
      {},
      element('legend', {}, 'Do to ', host),
      element(
        'div',
        { class: 'acts' },
        button('Crash', () => ({ type: 'crash', host: nameHere() })),
        button('Boot', () => ({ type: 'boot', host: nameHere() })),
        button('Pause', () => ({ type: 'pause', host: nameHere() })),
        button('Resume', () => ({ type: 'resume', host: nameHere() })),
        button('Restart programs', () => ({ type: 'restart', host: nameHere() })),
        button('Start again', () => ({ type: 'revive', host: nameHere() })),
        button('Stop programs', () => ({ type: 'signal', host: nameHere(), signal: 'TERM' })),
        button('Kill programs', () => ({ type: 'signal', host: nameHere(), signal: 'KILL' })),
      ),
      element(
        'div',
        { class: 'acts' },
        element(
          'span',
          { class: 'pair' },
          button('Slow', () => ({ type: 'slow', host: nameHere(), by: Number(slow.value) * 1e6 })),
          slow,
          ' ms',
        ),
        element(
          'span',
          { class: 'pair' },
          button('Timers drift', () => ({ type: 'drift', host: nameHere(), ppm: Number(drift.value) })),
          drift,
          ' ppm',
        ),
      ),
    ),
    element(
      'fieldset',
      {},
      element('legend', {}, 'Between it and ', other),
      element(
        'div',
        { class: 'acts' },
        button('Cut', () => ({ type: 'cut', pairs: pairs() })),
        button('Heal', () => ({ type: 'heal', pairs: pairs() })),
        element(
          'span',
          { class: 'pair' },
          button('Lose', () => ({ type: 'loss', pairs: pairs(), rate: Number(loss.value) / 100 })),
          loss,
          ' %',
        ),
        element(
          'span',
          { class: 'pair' },
          button('Delay', () => ({ type: 'delay', pairs: pairs(), by: Number(delay.value) * 1e6 })),
          delay,
          ' ms',
        ),
        element('label', { class: 'check' }, both, ' both ways'),
        button('Heal all cuts', () => ({ type: 'heal', pairs: [] })),
      ),
    ),
    said,
    element('h3', {}, 'Done so far'),
    list,
  ];
}

/** What lasts until somebody ends it. */
const ENDING: readonly string[] = ['host-crash', 'host-pause', 'link-cut', 'link-loss', 'link-delay', 'cpu-delay'];

function liveRow(entry: Entry, end: () => void): HTMLElement {
  const isOpen = ENDING.includes(entry.kind) && entry.until === undefined;
  return element(
    'li',
    {},
    element('span', {}, entry.says),
    isOpen
      ? element('button', { type: 'button', class: 'act', 'aria-label': `End: ${entry.says}`, onclick: end }, 'End')
      : undefined,
  );
}

/** One entry as it is being edited. */
interface Draft {
  readonly entry: Entry;
  on: boolean;
  /** Whether it was in the run that is shown. */
  readonly was: boolean;
  at: number | undefined;
  until: number | undefined;
}

/** The list of a run that is over: entries can be left out and moved, and the run made again. */
function editedDeeds(app: App, origin: Origin, shell: Shell): HTMLElement[] {
  const draftOf =
    (on: boolean) =>
    (entry: Entry): Draft => ({ entry, on, was: on, at: entry.at, until: entry.until });
  const drafts = [...origin.prepared.entries.map(draftOf(true)), ...origin.leftOut.map(draftOf(false))];
  const again = element(
    'button',
    { class: 'primary', type: 'button', disabled: true, onclick: () => void attempt(rerun, shell) },
    icon('play'),
    element('span', {}, 'Run again'),
  );
  const problem = element('output', { class: 'found', 'aria-live': 'polite' });
  const check = (): void => {
    const wrong = drafts.find(
      ({ on, at, until }) =>
        on && (Number.isNaN(at) || Number.isNaN(until) || (at !== undefined && until !== undefined && until <= at)),
    );
    const changed = drafts.some(
      (draft) => draft.on !== draft.was || draft.at !== draft.entry.at || draft.until !== draft.entry.until,
    );
    again.disabled = !changed || wrong !== undefined;
    problem.replaceChildren(
      wrong === undefined ? '' : `“${wrong.entry.says}” needs times such as 4.2s, and an end after its beginning.`,
    );
  };
  async function rerun(): Promise<void> {
    const interventions = drafts.filter(({ on }) => on).map(inputOf);
    const { judged } = origin;
    const before = judged === undefined ? undefined : { blob: judged.trace };
    const reference = origin.reference;
    const leftOut = drafts.filter(({ on }) => !on).map(({ entry }) => entry);
    const { fingerprint: _, ...recipe } = origin.recipe;
    await serveRun({ ...recipe, interventions, until: origin.prepared.end }, shell, {
      before,
      reference,
      leftOut,
      place: app.place(),
    });
    showOnDesk('deeds');
  }
  const idle = origin.judged?.idle ?? [];
  const rows = drafts.map((draft) =>
    draftRow(
      draft,
      check,
      idle.find((sentence) => sentence.startsWith(`${draft.entry.says}: `)),
    ),
  );
  if (rows.length === 0)
    return [
      element(
        'p',
        { class: 'hint' },
        'Nothing is done to this run but what its scenario says. Go on live from here to do something to it.',
      ),
    ];
  return [
    element('p', { class: 'hint' }, 'Leave entries out or move them, and run again: does it still fail?'),
    element('ol', { class: 'entries' }, ...rows),
    element('div', { class: 'acts' }, again, problem),
  ];
}

function inputOf({ entry, at, until }: Draft): object {
  return {
    ...entry.input,
    ...(at === undefined ? {} : { at: exactSeconds(at as never) }),
    ...(until === undefined ? {} : { until: exactSeconds(until as never) }),
  };
}

function draftRow(draft: Draft, changed: () => void, idle: string | undefined): HTMLElement {
  const { entry } = draft;
  const box = element('input', {
    type: 'checkbox',
    checked: draft.on,
    onchange: () => {
      draft.on = box.checked;
      row.toggleAttribute('data-off', !draft.on);
      changed();
    },
  });
  const time = (label: string, value: number | undefined, take: (value: number) => void): HTMLElement | undefined => {
    if (value === undefined) return undefined;
    const input = element('input', {
      value: exactSeconds(value as never),
      class: 'instant',
      'aria-label': `${label} of: ${entry.says}`,
      spellcheck: 'false',
      oninput: () => {
        const read = parseDuration(input.value.trim());
        input.toggleAttribute('aria-invalid', read === undefined);
        take(read ?? Number.NaN);
        changed();
      },
    });
    return element('label', { class: 'pair' }, `${label} `, input);
  };
  const begins = time('from', entry.at, (value) => {
    draft.at = value;
  });
  const ends = time('to', entry.until, (value) => {
    draft.until = value;
  });
  const row = element(
    'li',
    { 'data-off': !draft.on },
    element('label', { class: 'check' }, box, element('span', {}, entry.says)),
    begins === undefined ? undefined : element('span', { class: 'times' }, begins, ends),
    idle === undefined ? undefined : element('span', { class: 'muted' }, idle.slice(entry.says.length + 2)),
  );
  return row;
}

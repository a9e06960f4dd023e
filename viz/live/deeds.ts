import { parseDuration } from '../../core/time.ts';
import { DEEDS, type DeedKind, deedsFor, type Targets, targetsOf, type Values, valuesAtFirst } from '../model/deeds.ts';
import { exactSeconds } from '../model/link.ts';
import { fieldOf, nameOf } from '../model/run.ts';
import type { App } from '../view/app.ts';
import { element } from '../view/element.ts';
import { icon } from '../view/icons.ts';
import { showOnDesk } from '../view/stage.ts';
import { attempt } from './attempt.ts';
import type { Course } from './course.ts';
import { onParted } from './cut-line.ts';
import { type DeedForm, deedForm } from './form.ts';
import { serveRun } from './kitchen.ts';
import type { Act, Entry, Mistake } from './messages.ts';
import type { Origin, Shell } from './origin.ts';
import { SimulatorError } from './simulator.ts';

/** What is done to the run: of one that goes on what more may be done, of one that is over what may be left out or moved. */
export function mountDeeds(root: HTMLElement, app: App): void {
  const { origin } = app;
  if (origin === undefined) return;
  const { shell } = origin;
  root.classList.add('deeds');
  if (origin.course !== undefined) root.append(...liveDeeds(app, origin.course, origin));
  else root.append(...editedDeeds(app, origin, shell));
}

/** Things to do to a host, to what is between machines, and to all else; and the list of what was done. */
function liveDeeds(app: App, course: Course, origin: Origin): HTMLElement[] {
  const { shell } = origin;
  const targets = targetsIn(app, origin);
  const host = element(
    'select',
    { 'aria-label': 'Host', onchange: () => app.select(Number(host.value)) },
    ...app.picture.run.topology.nodes.map(({ name }, node) => element('option', { value: node }, name)),
  );
  const nameHere = (): string => nameOf(app.picture.run, app.store.state.node);
  const said = element('output', { class: 'found', 'aria-live': 'polite' });
  const act = (make: () => Act): void =>
    void attempt(async () => {
      said.replaceChildren();
      const { says, wrong } = await course.act(make());
      said.replaceChildren(`${says}. ${wrong}`);
    }, shell);
  const button = (label: string, make: () => Act): HTMLElement =>
    element('button', { type: 'button', class: 'act', onclick: () => act(make) }, label);
  const once =
    (kind: string, more: object = {}) =>
    (): Act => ({
      type: 'do',
      inputs: [{ kind, host: nameHere(), ...more }],
    });
  const list = element('ol', { class: 'entries' });
  course.watch(({ entries, now }) => {
    const rows = entries.map((entry, place) => liveRow(entry, now, () => act(() => ({ type: 'end', place }))));
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
        button('Crash', once('host-crash')),
        button('Boot', () => ({ type: 'boot', host: nameHere() })),
        button('Pause', once('host-pause')),
        button('Resume', () => ({ type: 'resume', host: nameHere() })),
        button('Restart programs', once('process-restart')),
        button('Start again', once('revive')),
        button('Stop programs', once('signal', { signal: 'TERM' })),
        button('Kill programs', once('signal', { signal: 'KILL' })),
      ),
      startOtherwise(app, nameHere, act),
    ),
    chooser(app, course, targets, said, shell),
    said,
    element(
      'div',
      { class: 'acts' },
      element('h3', {}, 'Done so far'),
      element('span', { class: 'gap' }),
      button('Heal all cuts', () => ({ type: 'heal', pairs: [] })),
    ),
    list,
  ];
}

const targetsIn = (app: App, { prepared }: Origin): Targets => {
  const { topology } = app.picture.run;
  return targetsOf(topology, (node) => prepared.hosts.includes(topology.nodes[node]?.name ?? ''));
};

/** A program is killed and started with another command line: so its timers can be given other values while the run goes on. */
function startOtherwise(app: App, host: () => string, act: (make: () => Act) => void): HTMLElement {
  const line = element('input', { class: 'mono line', spellcheck: 'false', autocomplete: 'off', 'aria-label': 'Command line' });
  const which = element('select', { 'aria-label': 'Program', onchange: () => fill() });
  const fill = (): void => {
    line.value = which.value;
  };
  const row = element(
    'form',
    {
      class: 'acts',
      onsubmit: (event: Event) => {
        event.preventDefault();
        const [old, run] = [which.value, line.value.trim()];
        if (run === '') return;
        const kill = { kind: 'signal', host: host(), signal: 'KILL', of: old };
        act(() => ({ type: 'do', inputs: [...(old === '' ? [] : [kill]), { kind: 'command', host: host(), run }] }));
      },
    },
    element('label', { class: 'pair' }, 'Instead of ', which),
    element('label', { class: 'pair grows' }, 'run ', line),
    element('button', { type: 'submit', class: 'act' }, 'Start with other options'),
  );
  let shown: string | undefined;
  app.store.watch(({ cursor, node }) => {
    const { processes } = app.picture.nodes.at(cursor.position, node);
    const key = `${node} ${processes.join('\n')}`;
    if (key === shown) return;
    shown = key;
    row.hidden = processes.length === 0;
    which.replaceChildren(...processes.map((each) => element('option', { value: each }, each)));
    fill();
  });
  return row;
}

/** All that can be done, one at a time, with its values. */
function chooser(app: App, course: Course, targets: Targets, said: HTMLElement, shell: Shell): HTMLElement {
  const deeds = deedsFor(targets);
  const groups = [...new Set(deeds.map(({ group }) => group))];
  const choice = element(
    'select',
    { 'aria-label': 'What to do', onchange: () => choose(choice.value) },
    ...groups.map((each) =>
      element(
        'optgroup',
        { label: each },
        ...deeds.flatMap(({ group, kind, name }) => (group === each ? [element('option', { value: kind }, name)] : [])),
      ),
    ),
  );
  const fields = element('div', {});
  const both = element('input', { type: 'checkbox', checked: true });
  const bothWays = element('label', { class: 'check' }, both, ' both ways');
  const lasts = element('input', {
    class: 'instant',
    placeholder: 'until ended',
    'aria-label': 'For how long',
    spellcheck: 'false',
    oninput: () => lasts.removeAttribute('aria-invalid'),
  });
  const lasting = element('label', { class: 'pair' }, 'for ', lasts);
  const known = new Map(deeds.map((deed) => [deed.kind, deed]));
  let deed = deeds[0] as DeedKind;
  let form: DeedForm;
  const select = (kind: string, given?: Values): void => {
    deed = known.get(kind) ?? deed;
    choice.value = deed.kind;
    const { hosts } = targets;
    const name = nameOf(app.picture.run, app.store.state.node);
    const here = hosts.includes(name) ? name : (hosts[0] ?? name);
    const other = hosts.find((each) => each !== here) ?? here;
    form = deedForm(deed, { ...valuesAtFirst(deed, targets, here, other), ...given }, targets, '', () => form.tell([]));
    fields.replaceChildren(form.root);
    bothWays.hidden = !isOneWay(deed);
    lasting.hidden = !deed.lasts;
  };
  const choose = (kind: string): void => select(kind);
  async function carryOut(): Promise<void> {
    said.replaceChildren();
    const input = form.read() as { readonly from?: string; readonly to?: string };
    const inputs = isOneWay(deed) && both.checked ? [input, { ...input, from: input.to, to: input.from }] : [input];
    const time = deed.lasts ? lasts.value.trim() : '';
    const during = time === '' ? undefined : parseDuration(time);
    if (time !== '' && (during === undefined || during === 0)) {
      lasts.setAttribute('aria-invalid', 'true');
      said.replaceChildren('Give a time such as 500ms or 10s, or none.');
      return;
    }
    try {
      const { says, wrong } = await course.act({ type: 'do', inputs, ...(during === undefined ? {} : { for: during }) });
      form.tell([]);
      said.replaceChildren(`${says}. ${wrong}`);
    } catch (error) {
      if (!(error instanceof SimulatorError) || error.mistakes.length === 0) throw error;
      const others = form.tell(error.mistakes.map(({ path, ...rest }) => ({ ...rest, path: path.replace(ENTRY, '') })));
      if (others.length > 0) said.replaceChildren(others.map(({ message }) => message).join(' '));
    }
  }
  onParted((groups) => {
    select('partition', { groups });
    said.replaceChildren('The two sides of your line. Part them?');
  }, app);
  select(deed.kind);
  return element(
    'form',
    {
      class: 'chooser',
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(carryOut, shell);
      },
    },
    element(
      'fieldset',
      {},
      element('legend', {}, 'Or: ', choice),
      fields,
      element('div', { class: 'acts' }, element('button', { type: 'submit', class: 'primary' }, 'Do it'), lasting, bothWays),
      element('p', { class: 'hint' }, 'To part the network, drag a line across its picture while the run waits.'),
    ),
  );
}

/** The way to an entry in what a mistake says of its place. */
const ENTRY = /^interventions\[\d+\]\.?/;

const isOneWay = ({ fields }: DeedKind): boolean => fields.some(({ key }) => key === 'from');

function liveRow(entry: Entry, now: number, end: () => void): HTMLElement {
  const isOpen = entry.lasts && (entry.until === undefined || entry.until > now) && (entry.at ?? 0) <= now;
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
  /** Its values once they were looked at, to be changed. */
  form: DeedForm | undefined;
}

/** The list of a run that is over: entries can be left out and moved, and the run made again. */
function editedDeeds(app: App, origin: Origin, shell: Shell): HTMLElement[] {
  const draftOf =
    (on: boolean) =>
    (entry: Entry): Draft => ({ entry, on, was: on, at: entry.at, until: entry.until, form: undefined });
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
      (draft) =>
        draft.on !== draft.was ||
        (draft.on && (draft.at !== draft.entry.at || draft.until !== draft.entry.until || hasOtherValues(draft))),
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
    for (const { form } of drafts) form?.tell([]);
    try {
      await serveRun({ ...recipe, interventions, until: origin.prepared.end }, shell, {
        before,
        reference,
        leftOut,
        place: app.place(),
      });
      showOnDesk('deeds');
    } catch (error) {
      if (!(error instanceof SimulatorError) || error.mistakes.length === 0) throw error;
      tellMistakes(error.mistakes);
    }
  }
  /** Each mistake at the field of the entry that it is about. */
  function tellMistakes(mistakes: readonly Mistake[]): void {
    const on = drafts.filter((draft) => draft.on);
    const others = on.flatMap((draft, place) => {
      const own = mistakes
        .filter(({ path }) => path.startsWith(`interventions[${place}]`))
        .map(({ path, ...rest }) => ({ ...rest, path: path.replace(ENTRY, '') }));
      return draft.form?.tell(own) ?? own;
    });
    const elsewhere = mistakes.filter(({ path }) => !ENTRY.test(path));
    problem.replaceChildren([...others, ...elsewhere].map(({ message }) => message).join(' '));
  }
  const idle = origin.judged?.idle ?? [];
  const targets = targetsIn(app, origin);
  const rows = drafts.map((draft) =>
    draftRow(
      draft,
      check,
      targets,
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
    element('p', { class: 'hint' }, 'Leave entries out, move them or give them other values, and run again: does it still fail?'),
    element('ol', { class: 'entries' }, ...rows),
    element('div', { class: 'acts' }, again, problem),
  ];
}

/** What an entry says now, without its times. */
const valuesOf = ({ entry, form }: Draft): object => {
  const { at: _, until: __, ...values } = entry.input as Record<string, unknown>;
  return form?.read() ?? values;
};

function hasOtherValues(draft: Draft): boolean {
  const before = valuesOf({ ...draft, form: undefined }) as Record<string, unknown>;
  const now = valuesOf(draft) as Record<string, unknown>;
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].some(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]),
  );
}

function inputOf(draft: Draft): object {
  const { at, until } = draft;
  return {
    ...valuesOf(draft),
    ...(at === undefined ? {} : { at: exactSeconds(at as never) }),
    ...(until === undefined ? {} : { until: exactSeconds(until as never) }),
  };
}

function draftRow(draft: Draft, changed: () => void, targets: Targets, idle: string | undefined): HTMLElement {
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
  const deed = DEEDS.find(({ kind }) => kind === entry.kind);
  const values = element('div', { hidden: true });
  const more = element(
    'button',
    {
      type: 'button',
      class: 'act',
      'aria-expanded': false,
      'aria-label': `Values of: ${entry.says}`,
      onclick: () => {
        if (deed !== undefined && draft.form === undefined) {
          draft.form = deedForm(deed, entry.input as Values, targets, ` of: ${entry.says}`, changed);
          values.append(draft.form.root);
        }
        values.hidden = !values.hidden;
        more.setAttribute('aria-expanded', String(!values.hidden));
      },
    },
    'Values',
  );
  const row = element(
    'li',
    { 'data-off': !draft.on },
    element('label', { class: 'check' }, box, element('span', {}, entry.says)),
    begins === undefined ? undefined : element('span', { class: 'times' }, begins, ends),
    deed === undefined || !isEditable(entry) ? undefined : more,
    values,
    idle === undefined ? undefined : element('span', { class: 'muted' }, idle.slice(entry.says.length + 2)),
  );
  return row;
}

/** Whether a form can hold all values of an entry: not a partition into three sides. */
const isEditable = ({ kind, input }: Entry): boolean =>
  kind !== 'partition' || (fieldOf(input, 'groups') as readonly unknown[] | undefined)?.length === 2;

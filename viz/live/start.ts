import { STORIES } from '../model/stories.ts';
import { element } from '../view/element.ts';
import { icon } from '../view/icons.ts';
import { attempt, sentenceOf } from './attempt.ts';
import { serveLive } from './kitchen.ts';
import type { Mistake } from './messages.ts';
import type { Shell } from './origin.ts';
import { SimulatorError, simulator } from './simulator.ts';
import { tell } from './tour.ts';

/** The stories that can be told. */
export function storyList(shell: Shell): HTMLElement {
  return element(
    'ul',
    { class: 'choices' },
    ...STORIES.map((story) => choice(story.title, story.about, () => void attempt(() => tell(story, shell), shell))),
  );
}

/** The scenarios that ship with Partita; the simulator, which has them, is started for it. */
export function scenarioList(shell: Shell): HTMLElement {
  const list = element('ul', { class: 'choices tall' }, element('li', { class: 'hint' }, 'Looking …'));
  simulator.call('catalogue', {}).then(
    (scenarios) =>
      list.replaceChildren(
        ...scenarios.map(({ file, name, about }) =>
          choice(name, about, () => void attempt(() => serveLive({ shipped: file }, shell), shell), file),
        ),
      ),
    (error) => list.replaceChildren(element('li', { class: 'hint' }, sentenceOf(error))),
  );
  return list;
}

function choice(title: string, about: string, act: () => void, more?: string): HTMLElement {
  return element(
    'li',
    {},
    element(
      'button',
      { type: 'button', class: 'choice', onclick: act },
      element('b', {}, title),
      more === undefined ? undefined : element('span', { class: 'mono muted' }, more),
      element('span', {}, about),
    ),
  );
}

const EXAMPLE = `# Two hosts on one segment find each other, until you cut them apart.
network:
  segments:
    lan: { subnet: 10.0.1.0/24, latency: 100us..300us }
hosts:
  a: { on: lan, address: 10.0.1.10 }
  b: { on: lan, address: 10.0.1.11 }
timeline:
  - { at: 0s, on: all, run: serf agent -iface=eth0 -discover=blue }
until: 60s
`;

/** Milliseconds without a key until what was written is looked at. */
const PAUSE = 400;

/** Where a scenario is pasted or written; its mistakes and warnings are shown below while it is, and lead to their lines. */
export function pasteForm(shell: Shell): HTMLElement {
  const text = element('textarea', {
    rows: 10,
    spellcheck: 'false',
    'aria-label': 'Scenario in YAML',
    class: 'mono',
    oninput: () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => void look(), PAUSE);
    },
  });
  let waiting: ReturnType<typeof setTimeout> | undefined;
  text.value = EXAMPLE;
  const list = element('ul', { class: 'mistakes', 'aria-live': 'polite' });
  const show = (mistakes: readonly Mistake[], warnings: readonly Mistake[]): void => {
    list.replaceChildren(
      ...mistakes.map((mistake) => mistakeRow(mistake, '', text)),
      ...warnings.map((warning) => mistakeRow(warning, 'Warning, ', text)),
    );
  };
  /** Says what is wrong before anybody tries to start it. */
  async function look(): Promise<void> {
    const written = text.value;
    try {
      const { warnings } = await simulator.call('prepare', { recipe: { text: written, name: 'pasted' } });
      if (text.value === written) show([], warnings);
    } catch (error) {
      if (!(error instanceof SimulatorError)) throw error;
      if (text.value === written) show(error.mistakes, []);
    }
  }
  return element(
    'form',
    {
      class: 'paste',
      onsubmit: (event: Event) => {
        event.preventDefault();
        clearTimeout(waiting);
        show([], []);
        const start = serveLive({ text: text.value, name: 'pasted' }, shell).catch((error) => {
          if (!(error instanceof SimulatorError) || error.mistakes.length === 0) throw error;
          show(error.mistakes, []);
        });
        void attempt(() => start, shell);
      },
    },
    text,
    element('button', { class: 'primary', type: 'submit' }, icon('play'), element('span', {}, 'Start it')),
    list,
  );
}

function mistakeRow({ line, column, path, message, hint }: Mistake, sort: string, text: HTMLTextAreaElement): HTMLElement {
  const place = sort + (line === undefined ? path : `line ${line}, column ${column ?? 1}`);
  const says = `${message}${hint === undefined ? '' : ` ${hint}`}`;
  const go = (): void => {
    if (line === undefined) return;
    const before = text.value.split('\n').slice(0, line - 1);
    const start = before.reduce((sum, each) => sum + each.length + 1, 0) + (column ?? 1) - 1;
    const end = text.value.indexOf('\n', start);
    text.focus();
    text.setSelectionRange(start, end < 0 ? text.value.length : end);
    text.scrollTop = (text.scrollHeight * Math.max(0, line - 4)) / Math.max(1, text.value.split('\n').length);
  };
  return element(
    'li',
    {},
    element('button', { type: 'button', class: 'row-link', onclick: go }, element('b', {}, place), element('span', {}, says)),
  );
}

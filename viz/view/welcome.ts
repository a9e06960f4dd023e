import type { Shell } from '../live/origin.ts';
import { pasteForm, scenarioList, storyList } from '../live/start.ts';
import { element, found } from './element.ts';
import { icon } from './icons.ts';

/** The page before there is a run: what it is for, and how to give it one. */
export function showWelcome(shell: Shell, open: (file: File) => void): void {
  const root = found('#welcome');
  root.hidden = false;
  root.replaceChildren(
    element(
      'div',
      { class: 'cards' },
      card(
        'Open a run',
        'Drop a trace, a replay file or a scenario here, or choose one. It is read by this page and sent nowhere.',
        openButton(open, 'Choose a file', 'primary'),
        element(
          'p',
          { class: 'muted' },
          'Make a trace with ',
          element('code', {}, 'partita run scenario.yaml --trace run.partita'),
          '.',
        ),
      ),
      card('Be told a story', 'Four runs with captions at the moments that matter.', storyList(shell)),
      card('Start a world', 'Choose a scenario that ships with Partita, let it run, and do things to it.', scenarioList(shell)),
      card('Write one', 'Paste or write a scenario in YAML. Mistakes are shown with their lines.', pasteForm(shell)),
    ),
  );
}

const card = (title: string, about: string, ...content: HTMLElement[]): HTMLElement =>
  element('section', { class: 'card' }, element('h2', {}, title), element('p', { class: 'muted' }, about), ...content);

/** A button that asks for a file. */
export function openButton(open: (file: File) => void, label: string, look: string): HTMLElement {
  const input = element('input', {
    type: 'file',
    class: 'unseen',
    tabindex: -1,
    'aria-label': 'Trace, replay file or scenario',
    onchange: () => {
      const file = input.files?.[0];
      if (file !== undefined) open(file);
      input.value = '';
    },
  });
  const button = element(
    'button',
    { class: look, type: 'button', title: 'Open a trace, a replay file or a scenario', onclick: () => input.click() },
    icon('open'),
    element('span', { class: look === 'quiet' ? 'wide' : '' }, label),
  );
  return element('span', { class: 'opener' }, button, input);
}

/** Takes files that are dropped anywhere on the page. */
export function acceptDrops(open: (file: File) => void): void {
  addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) document.body.classList.remove('dropping');
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) open(file);
  });
}

import { element, found } from './element.ts';
import { icon } from './icons.ts';

/** The page before there is a run: what it is for, and how to give it one. */
export function showWelcome(open: (file: File) => void): void {
  const root = found('#welcome');
  root.hidden = false;
  root.replaceChildren(
    element(
      'div',
      { class: 'drop' },
      element('h2', {}, 'Open a run'),
      element('p', {}, 'Drop a trace here, or choose one. It is read by this page and sent nowhere.'),
      openButton(open, 'Choose a file', 'primary'),
      element(
        'p',
        { class: 'muted' },
        'Make one with ',
        element('code', {}, 'partita run scenario.yaml --trace run.partita'),
        '.',
      ),
    ),
  );
}

/** A button that asks for a file. */
export function openButton(open: (file: File) => void, label: string, look: string): HTMLElement {
  const input = element('input', {
    type: 'file',
    class: 'unseen',
    tabindex: -1,
    'aria-label': 'Trace file',
    onchange: () => {
      const file = input.files?.[0];
      if (file !== undefined) open(file);
      input.value = '';
    },
  });
  const button = element(
    'button',
    { class: look, type: 'button', title: 'Open a trace file', onclick: () => input.click() },
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

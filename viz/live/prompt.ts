import { completions, shared } from '../model/completion.ts';
import { nameOf } from '../model/run.ts';
import type { App } from '../view/app.ts';
import { element } from '../view/element.ts';
import { attempt } from './attempt.ts';
import type { Course } from './course.ts';
import type { Shell } from './origin.ts';

/** Ways to go on that are shown at a time. */
const MOST_SHOWN = 12;

/** Where a command is typed on the selected host of a run that goes on. */
export function prompt(app: App, course: Course, shell: Shell): HTMLElement {
  const typed: string[] = [];
  let back = 0;
  /** What was being typed when somebody began to look at what was typed before. */
  let draft = '';
  const sign = element('span', { class: 'prompt', 'aria-hidden': 'true' });
  const said = element('output', { class: 'prompt-said', id: 'prompt-said', 'aria-live': 'polite' });
  const say = (text: string, isWrong = false): void => {
    said.replaceChildren(text);
    said.toggleAttribute('data-wrong', isWrong);
    if (isWrong) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
  };
  const input = element('input', {
    class: 'mono',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    'aria-label': 'Command',
    'aria-describedby': 'prompt-said',
    title: 'Arrow up and down: what was typed before. Tab: completes.',
    placeholder: 'serf members',
    oninput: () => say(''),
    onkeydown: (event: KeyboardEvent) => {
      if (event.key === 'Tab' && !event.shiftKey) complete(event);
      const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
      if (step === 0 || typed.length === 0) return;
      event.preventDefault();
      if (back === 0) draft = input.value;
      back = Math.max(0, Math.min(typed.length, back + step));
      input.value = back === 0 ? draft : (typed[typed.length - back] ?? '');
    },
  });
  /** Where there is nothing to complete the key goes on to what is next on the page. */
  function complete(event: KeyboardEvent): void {
    const names = app.picture.run.topology.nodes.map(({ name }) => name);
    const lines = completions(input.value, names);
    if (lines.length === 0) return;
    event.preventDefault();
    input.value = shared(lines);
    const more = lines.length > MOST_SHOWN ? ` and ${lines.length - MOST_SHOWN} more` : '';
    say(lines.length === 1 ? '' : `${lines.slice(0, MOST_SHOWN).join(' · ')}${more}`);
  }
  async function type(line: string): Promise<void> {
    const host = nameOf(app.picture.run, app.store.state.node);
    const { wrong } = await course.act({ type: 'do', inputs: [{ kind: 'command', host, run: line }] });
    // The host has its own words for it, above.
    say(wrong, wrong !== '');
  }
  const form = element(
    'form',
    {
      class: 'prompt-line',
      onsubmit: (event: Event) => {
        event.preventDefault();
        const line = input.value.trim();
        if (line === '') return;
        if (typed.at(-1) !== line) typed.push(line);
        back = 0;
        input.value = '';
        say('');
        void attempt(() => type(line), shell);
      },
    },
    sign,
    input,
    element('button', { class: 'act', type: 'submit' }, 'Enter'),
    said,
  );
  app.store.watch(({ node }) => {
    const host = nameOf(app.picture.run, node);
    sign.replaceChildren(`${host} $ `);
    input.setAttribute('aria-label', `Command on ${host}`);
  });
  return form;
}

import { nameOf } from '../model/run.ts';
import type { App } from '../view/app.ts';
import { element } from '../view/element.ts';
import { attempt } from './attempt.ts';
import type { Course } from './course.ts';
import type { Shell } from './origin.ts';

/** Where a command is typed on the selected host of a run that goes on. */
export function prompt(app: App, course: Course, shell: Shell): HTMLElement {
  const typed: string[] = [];
  let back = 0;
  const sign = element('span', { class: 'prompt', 'aria-hidden': 'true' });
  const input = element('input', {
    class: 'mono',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    'aria-label': 'Command',
    placeholder: 'serf members',
    onkeydown: (event: KeyboardEvent) => {
      const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
      if (step === 0 || typed.length === 0) return;
      event.preventDefault();
      back = Math.max(0, Math.min(typed.length, back + step));
      input.value = typed[typed.length - back] ?? '';
    },
  });
  const form = element(
    'form',
    {
      class: 'prompt-line',
      onsubmit: (event: Event) => {
        event.preventDefault();
        const line = input.value.trim();
        if (line === '') return;
        typed.push(line);
        back = 0;
        input.value = '';
        void attempt(
          () =>
            course.act({
              type: 'do',
              inputs: [{ kind: 'command', host: nameOf(app.picture.run, app.store.state.node), run: line }],
            }),
          shell,
        );
      },
    },
    sign,
    input,
    element('button', { class: 'act', type: 'submit' }, 'Enter'),
  );
  app.store.watch(({ node }) => {
    const host = nameOf(app.picture.run, node);
    sign.replaceChildren(`${host} $ `);
    input.setAttribute('aria-label', `Command on ${host}`);
  });
  return form;
}

import type { Recipe } from '../model/recipe.ts';
import type { App } from '../view/app.ts';
import { element } from '../view/element.ts';
import { icon } from '../view/icons.ts';
import { attempt } from './attempt.ts';
import { serveLive } from './kitchen.ts';
import type { Shell } from './origin.ts';
import { VERSION } from './version.ts';

/** What made the run of a trace, which the trace holds; undefined when it does not. */
export function recipeOfTrace({ trace }: App): Recipe | undefined {
  const header = trace?.book.trace.header;
  if (header === undefined || header.scenario.text === '') return undefined;
  const { scenario, seed, interventions } = header;
  return { text: scenario.text, name: scenario.name, seed, interventions: Array.isArray(interventions) ? interventions : [] };
}

/** The button that goes on live from the instant of a trace; undefined when the trace does not say what made it. */
export function traceFork(app: App, shell: Shell): HTMLElement | undefined {
  const recipe = recipeOfTrace(app);
  if (app.origin !== undefined || recipe === undefined) return undefined;
  return element(
    'button',
    {
      class: 'quiet',
      type: 'button',
      id: 'fork',
      title: 'Go on live from here (x)',
      'aria-label': 'Go on live from here',
      onclick: () =>
        void attempt(async () => {
          const { version } = app.picture.run;
          await serveLive(recipe, shell, app.store.state.cursor.instant, app.place());
          if (version !== VERSION)
            shell.complain(`The trace was made by Partita ${version}; what goes on here is the run as ${VERSION} makes it.`);
        }, shell),
    },
    icon('fork'),
    element('span', { class: 'wide' }, 'Live'),
  );
}

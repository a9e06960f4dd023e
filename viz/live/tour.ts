import { type Claim, holdsAt } from '../model/claim.ts';
import type { Scene, Story } from '../model/stories.ts';
import type { App } from '../view/app.ts';
import { element } from '../view/element.ts';
import { icon } from '../view/icons.ts';
import { toggleGrown } from '../view/stage.ts';
import { serveRun } from './kitchen.ts';
import type { Shell } from './origin.ts';

/**
 * Runs a story's scenario and tells it.
 *
 * @throws SimulatorError when it cannot be run
 */
export async function tell(story: Story, shell: Shell): Promise<void> {
  await serveRun(story.recipe, shell, { story, place: placeOf(story.scenes[0] as Scene) });
}

const placeOf = ({ at, view, host, focus }: Scene) => ({
  instant: at as never,
  ...(view === undefined ? {} : { view }),
  ...(host === undefined ? {} : { host }),
  ...(focus === undefined ? {} : { focus }),
});

/** A picture that shows many things gets all the room; beside the network the terminals are read. */
const show = ({ view }: Scene): void => toggleGrown(view !== undefined && view !== 'network');

/** The captions of a story, one at a time, and the way from one to the next. */
export function mountTour(app: App, story: Story, more: readonly HTMLElement[]): HTMLElement {
  let place = 0;
  const caption = element('p', { class: 'caption', 'aria-live': 'polite' });
  const count = element('span', { class: 'muted' });
  const proof = element('span', { class: 'proof' });
  const step = (label: string, by: 1 | -1): HTMLButtonElement =>
    element(
      'button',
      {
        type: 'button',
        class: by === 1 ? 'primary' : 'quiet',
        onclick: () => {
          place += by;
          go();
        },
      },
      icon(by === 1 ? 'next-marker' : 'previous-marker'),
      element('span', {}, label),
    );
  const back = step('Back', -1);
  const next = step('Next', 1);
  function go(): void {
    const scene = story.scenes[place] as Scene;
    app.follow(placeOf(scene));
    show(scene);
    draw();
  }
  function draw(): void {
    const scene = story.scenes[place] as Scene;
    const { run } = app.picture;
    const held = scene.claims.every((claim: Claim) => holdsAt(run, scene.at, claim));
    caption.replaceChildren(scene.caption);
    count.replaceChildren(`${place + 1} of ${story.scenes.length}`);
    proof.replaceChildren(icon(held ? 'held' : 'violated'), held ? 'so in this run' : 'not so in this run');
    back.disabled = place === 0;
    next.disabled = place === story.scenes.length - 1;
  }
  draw();
  show(story.scenes[0] as Scene);
  return element(
    'section',
    { class: 'tour', 'aria-label': `Story: ${story.title}` },
    element('b', {}, story.title),
    caption,
    element('div', { class: 'acts' }, back, next, count, proof, element('span', { class: 'gap' }), ...more),
  );
}

import { sidesOf } from '../model/deeds.ts';
import { nameOf } from '../model/run.ts';
import type { App } from '../view/app.ts';
import { drawn, found } from '../view/element.ts';
import { showOnDesk } from '../view/stage.ts';

/** Shorter ones are slips of the hand. */
const SHORTEST = 24;

/**
 * Lets a person drag a line across the picture of the network of a run that waits.
 *
 * @param told hears who is on the one side of the line and who is on the other
 */
export function onParted(told: (sides: readonly (readonly string[])[]) => void, app: App): void {
  const stage = found('#stage');
  stage.addEventListener(
    'pointerdown',
    (event) => {
      const frame = event.target instanceof Element ? event.target.closest<HTMLElement>('.plan-frame') : null;
      const onHost = event.target instanceof Element && event.target.closest('[role=button], button') !== null;
      if (frame === null || onHost || event.button !== 0 || app.origin?.course?.state.running === true) return;
      drag(frame, event);
    },
    { signal: app.closing },
  );

  function drag(frame: HTMLElement, begun: PointerEvent): void {
    const box = frame.getBoundingClientRect();
    const line = drawn('line', { x1: begun.clientX - box.left, y1: begun.clientY - box.top });
    const sheet = drawn('svg', { class: 'cut-line', 'aria-hidden': 'true' }, line);
    const ending = new AbortController();
    const { signal } = ending;
    const move = ({ clientX, clientY }: PointerEvent): void => {
      line.setAttribute('x2', String(clientX - box.left));
      line.setAttribute('y2', String(clientY - box.top));
      if (!sheet.isConnected) frame.append(sheet);
    };
    const end = (): void => {
      ending.abort();
      sheet.remove();
    };
    addEventListener('pointermove', move, { signal });
    addEventListener('pointercancel', end, { signal });
    addEventListener('keydown', ({ key }) => key === 'Escape' && end(), { signal });
    addEventListener(
      'pointerup',
      (event) => {
        end();
        const to = { x: event.clientX, y: event.clientY };
        const from = { x: begun.clientX, y: begun.clientY };
        if (Math.hypot(to.x - from.x, to.y - from.y) < SHORTEST) return;
        const { run } = app.picture;
        const marks = [...frame.querySelectorAll('.hosts [role=button]')].slice(0, run.topology.nodes.length);
        const points = marks.map((mark) => {
          const { left, top, width, height } = mark.getBoundingClientRect();
          return { x: left + width / 2, y: top + height / 2 };
        });
        const sides = sidesOf(points, from, to);
        if (sides === undefined) return;
        showOnDesk('deeds');
        told(sides.map((side) => side.map((node) => nameOf(run, node))));
      },
      { signal },
    );
  }
}

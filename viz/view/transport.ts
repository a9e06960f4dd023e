import { clockText, countText } from '../model/clock.ts';
import { advance, SPEEDS, type Speed, speedName } from '../model/pace.ts';
import type { App } from './app.ts';
import { element } from './element.ts';
import { type Icon, icon } from './icons.ts';
import { zoomed } from './timeline.ts';

/** After a pause of the page, as when its tab was hidden, playing goes on from where it was. */
const LONGEST_FRAME_MS = 100;

/** The buttons that move the instant, and the clock that shows it. */
export function mountTransport(root: HTMLElement, app: App): void {
  const { run } = app.picture;
  const play = button('play', 'Play', 'space', () => app.togglePlay());
  play.classList.add('primary');
  const clock = element('output', { class: 'clock', 'aria-label': 'Virtual time' });
  const position = element('span', { class: 'position' });
  const speed = element(
    'select',
    { 'aria-label': 'Speed', onchange: () => app.store.set({ speed: SPEEDS[Number(speed.value)] as Speed }) },
    ...SPEEDS.map((each, i) => element('option', { value: i }, speedName(each))),
  );
  const zoom = (factor: number) => (): void => {
    const { span, cursor } = app.store.state;
    app.store.set({ span: zoomed(span, factor, Math.max(span.from, Math.min(span.to, cursor.instant)), run.end) });
  };
  const controls = element('div', { class: 'controls' });
  root.append(controls);
  controls.append(
    element(
      'div',
      { class: 'buttons', role: 'group', 'aria-label': 'Playback' },
      button('previous-marker', 'Previous marker', 'p', () => app.stepToMarker(-1)),
      button('back', 'One event back', ',', () => app.step(-1)),
      play,
      button('forward', 'One event on', '.', () => app.step(1)),
      button('next-marker', 'Next marker', 'n', () => app.stepToMarker(1)),
    ),
    element('div', { class: 'when' }, clock, position),
    element('label', { class: 'speed' }, element('span', { class: 'wide muted' }, 'Speed'), speed),
    element(
      'div',
      { class: 'buttons zoom', role: 'group', 'aria-label': 'Time line' },
      button('minus', 'Show more of the run', '-', zoom(2)),
      button('fit', 'Show the whole run', '0', () => app.store.set({ span: { from: 0, to: Math.max(1, run.end) } })),
      button('plus', 'Show less of the run', '+', zoom(0.5)),
    ),
  );

  let frame = 0;
  function tick(before: number): void {
    frame = requestAnimationFrame((now) => {
      const { playing, cursor, speed: pace } = app.store.state;
      if (!playing) return;
      const elapsed = Math.min(LONGEST_FRAME_MS, Math.max(0, now - before));
      const next = advance(run.records, run.end, cursor, elapsed, pace);
      const over = next.instant >= run.end && next.position >= run.records.count;
      app.store.set({ cursor: next, trail: pace === 'paced' ? 0 : pace * 250e6, playing: !over });
      if (!over) tick(now);
    });
  }

  app.store.watch((state, before) => {
    const { cursor, playing } = state;
    const { whole, milli, micro, nano } = clockText(cursor.instant);
    clock.dataset.instant = String(cursor.instant);
    clock.replaceChildren(
      element('b', {}, whole),
      `.${milli}`,
      element('small', {}, ` ${micro} ${nano}`),
      element('i', {}, ' s'),
    );
    position.replaceChildren(`event ${countText(cursor.position)} of ${countText(run.records.count)}`);
    speed.value = String(SPEEDS.indexOf(state.speed));
    if (playing === before.playing && play.dataset.playing === String(playing)) return;
    play.dataset.playing = String(playing);
    name(play, playing ? 'pause' : 'play', playing ? 'Pause' : 'Play', 'space');
    cancelAnimationFrame(frame);
    if (playing) tick(performance.now());
  });
}

function button(kind: Icon, label: string, key: string, act: () => void): HTMLButtonElement {
  const made = element('button', { class: 'round', type: 'button', onclick: act });
  name(made, kind, label, key);
  return made;
}

function name(target: HTMLButtonElement, kind: Icon, label: string, key: string): void {
  target.replaceChildren(icon(kind));
  target.setAttribute('aria-label', label);
  target.title = `${label} (${key})`;
}

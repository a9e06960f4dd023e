import { parseDuration } from '../../core/time.ts';
import { clockText, countText } from '../model/clock.ts';
import { SPEEDS, type Speed, speedName } from '../model/pace.ts';
import type { App } from './app.ts';
import { element } from './element.ts';
import { type Icon, icon } from './icons.ts';
import { zoomed } from './timeline.ts';

/** After a pause of the page, as when its tab was hidden, playing goes on from where it was. */
const LONGEST_FRAME_MS = 100;

/** The buttons that move the instant, and the clock that shows it. */
export function mountTransport(root: HTMLElement, app: App): void {
  const play = button('play', 'Play', 'space', () => app.togglePlay());
  play.classList.add('primary');
  const clock = element('output', { class: 'clock', 'aria-label': 'Virtual time' });
  const position = element('span', { class: 'position' });
  const speed = element(
    'select',
    { 'aria-label': 'Speed', onchange: () => app.store.set({ speed: SPEEDS[Number(speed.value)] as Speed }) },
    ...SPEEDS.map((each, i) => element('option', { value: i }, speedName(each))),
  );
  /** Chosen while the speed is none of those listed. */
  const own = element('option', { value: -1 });
  const zoom = (factor: number) => (): void => {
    const { span, cursor } = app.store.state;
    app.store.set({ span: zoomed(span, factor, Math.max(span.from, Math.min(span.to, cursor.instant)), app.picture.run.end) });
  };
  const bookmark = button('bookmark', 'Bookmark this event', 'b', () => app.toggleBookmark());
  bookmark.classList.add('small');
  const focus = button('focus', 'Focus on what the time line shows', 'f', () => {
    const { focus: now, span } = app.store.state;
    app.focus(now === undefined ? span : undefined);
  });
  const loop = button('loop', 'Play round and round', 'l', () => app.toggleLoop());
  loop.classList.add('small');
  const goTo = element('input', {
    class: 'goto',
    type: 'text',
    'aria-label': 'Go to an instant or an event',
    title: 'Go to an instant, 1.5s, or to an event, #120 (g)',
    placeholder: 'Go to 1.5s, #120',
    autocomplete: 'off',
    spellcheck: 'false',
    onkeydown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter') return;
      const text = goTo.value.trim();
      const instant = parseDuration(text) ?? parseDuration(`${text}s`);
      const known = /^#\d+$/.test(text) || instant !== undefined;
      goTo.toggleAttribute('aria-invalid', !known);
      if (!known) return;
      if (text.startsWith('#')) app.visitNumber(Number(text.slice(1)));
      else app.seek(instant as number);
      goTo.value = '';
      goTo.blur();
    },
  });
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
    element('div', { class: 'when' }, clock, position, bookmark),
    goTo,
    element('div', { class: 'speed' }, element('label', {}, element('span', { class: 'wide muted' }, 'Speed '), speed), loop),
    element(
      'div',
      { class: 'buttons zoom', role: 'group', 'aria-label': 'Time line' },
      button('minus', 'Show more of the run', '-', zoom(2)),
      button('fit', 'Show the whole run', '0', () => app.store.set({ span: { from: 0, to: Math.max(1, app.picture.run.end) } })),
      button('plus', 'Show less of the run', '+', zoom(0.5)),
      focus,
    ),
  );

  let frame = 0;
  function tick(before: number): void {
    frame = requestAnimationFrame((now) => {
      if (!app.store.state.playing) return;
      app.play(Math.min(LONGEST_FRAME_MS, Math.max(0, now - before)));
      tick(now);
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
    position.replaceChildren(`event ${countText(app.number)} of ${countText(app.picture.run.total)}`);
    if (!SPEEDS.includes(state.speed)) {
      own.textContent = speedName(state.speed);
      speed.append(own);
    } else own.remove();
    speed.value = String(SPEEDS.indexOf(state.speed));
    const marked = state.bookmarks.includes(app.number);
    bookmark.setAttribute('aria-pressed', String(marked));
    focus.setAttribute('aria-pressed', String(state.focus !== undefined));
    loop.setAttribute('aria-pressed', String(state.loop));
    if (state.focus !== before.focus || state === before)
      name(
        focus,
        'focus',
        state.focus === undefined ? 'Focus on what the time line shows' : 'Show all of the run again',
        state.focus === undefined ? 'f' : '\\',
      );
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

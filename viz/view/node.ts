import { formatAddress } from '../../core/address.ts';
import { type Badge, sideName } from '../model/badges.ts';
import type { Point } from '../model/layout.ts';
import type { Condition } from '../model/nodes.ts';
import { nameOf } from '../model/run.ts';
import type { App } from './app.ts';
import { BELIEF_LOOKS } from './beliefs.ts';
import { conditionShape, conditionWord } from './condition.ts';
import { drawn } from './element.ts';
import { type Frame, pixel } from './packets.ts';

/** Pixels between two hosts on a bar: cards with a name and an address need the first, a name alone the second. */
const CARDS = 92;
const NAMES = 46;
/** Pixels between a host and its bar, at least for cards. */
const CARDS_TALL = 56;

export const hasCards = (frame: Frame): boolean => frame.unit >= CARDS && frame.rise >= CARDS_TALL;

/** A node in two parts: what can be chosen, and above it what is read. */
export interface NodeDrawing {
  readonly button: SVGGElement;
  readonly face: SVGGElement;
}

/** A host or a router: a card where there is room, otherwise a disc. Its condition and badges are put in by `setNode`. */
export function drawNode(app: App, node: number, { x, y }: Point, frame: Frame): NodeDrawing {
  const { run, layout } = app.picture;
  const { unit } = frame;
  const spec = run.topology.nodes[node];
  const name = spec?.name ?? '';
  const addresses = (spec?.interfaces ?? []).flatMap((each) => each.addresses.map(({ address }) => formatAddress(address)));
  const taps = layout.taps.filter((tap) => tap.node === node);
  const home = taps.length <= 1;
  const router = spec?.forwarding === true;
  const select = (): void => app.select(node);
  const face = drawn('g', { class: 'node-face', transform: `translate(${x},${y})`, 'aria-hidden': 'true' });
  const button = drawn('g', {
    class: `node${router ? ' router' : ''}`,
    transform: `translate(${x},${y})`,
    tabindex: 0,
    role: 'button',
    'data-node': name,
    onclick: select,
    onkeydown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      event.stopPropagation();
      select();
    },
  });
  const state = drawn('path', { class: 'state', 'fill-rule': 'evenodd', fill: 'currentColor' });
  if (hasCards(frame)) {
    const fullHost = home && !router;
    const widest = Math.min(unit - 8, 164);
    const width = fullHost ? widest : Math.min(widest, Math.max(72, textWidth(name, NAME_FONT) + 56));
    const height = fullHost ? 44 : 34;
    const left = -width / 2 + (fullHost ? 9 : 13);
    button.append(drawn('rect', { class: 'card', x: -width / 2, y: -height / 2, width, height, rx: fullHost ? 8 : height / 2 }));
    face.append(
      drawn('g', { transform: `translate(${left},${fullHost ? -15 : -6})` }, state),
      drawn(
        'text',
        { class: 'node-name', x: left + 17, y: fullHost ? -5 : 4.5 },
        fitted(name, width - (fullHost ? 31 : 50), NAME_FONT),
      ),
    );
    if (fullHost)
      face.append(drawn('text', { class: 'node-address', x: left, y: 13 }, fitted(addresses[0] ?? '', width - 30, ADDRESS_FONT)));
    const corner = { x: width / 2 - 10, y: -height / 2 };
    face.append(
      drawn('g', { class: 'role-badge', transform: `translate(${corner.x},${corner.y})` }),
      drawn('g', { class: 'belief-badge', transform: `translate(${width / 2 - 19},${fullHost ? 2 : -6})` }),
      cutMark(pixelOffset(app, node, frame, height / 2 + 12)),
    );
  } else {
    const size = Math.max(4, Math.min(11, unit / 5));
    face.toggleAttribute('data-small', unit < NAMES);
    button.append(
      drawn('circle', { class: 'hit', r: Math.max(size, Math.min(12, unit / 2)) }),
      drawn(
        router ? 'rect' : 'circle',
        router ? { class: 'card', x: -size, y: -size, width: 2 * size, height: 2 * size, rx: 3 } : { class: 'card', r: size },
      ),
    );
    face.append(
      drawn('g', { transform: `scale(${size / 9}) translate(-6,-6)` }, state),
      drawn('g', { class: 'role-badge', transform: `translate(${size + 16},0)` }),
      drawn('g', {
        class: 'belief-badge',
        transform: `${unit < NAMES ? `translate(${-size / 2},${-size / 2}) scale(${size / 12})` : `translate(${-size - 13},${-size - 6}) scale(0.9)`}`,
      }),
      cutMark(pixelOffset(app, node, frame, size + 10)),
    );
    if (unit >= NAMES) {
      // On the side that its cables do not leave from.
      const hanging = taps.every(({ at }) => at.y > (layout.nodes[node] as Point).y);
      const place = { y: hanging ? -size - 7 : size + 14, 'text-anchor': 'middle' };
      face.append(drawn('text', { class: 'node-name small', ...place }, fitted(name, unit - 6, SMALL_FONT)));
    }
  }
  button.append(drawn('title', {}, [name, ...addresses].join('\n')));
  return { button, face };
}

/** Below or above a node, towards the first of its taps, so many pixels away. */
function pixelOffset(app: App, node: number, frame: Frame, away: number): Point {
  const { layout } = app.picture;
  const tap = layout.taps.find((each) => each.node === node);
  const own = pixel(frame, layout.nodes[node] as Point);
  const at = tap === undefined ? own : pixel(frame, tap.at);
  if (at.y === own.y) return { x: 0, y: away };
  return { x: 0, y: at.y > own.y ? away : -away };
}

/** A cable that is cut: two strokes across it, and the letter of the side. */
const cutMark = ({ x, y }: Point): SVGGElement =>
  drawn(
    'g',
    { class: 'cut-mark', transform: `translate(${x},${y})`, visibility: 'hidden' },
    drawn('rect', { class: 'cut-ground', x: -7, y: -4, width: 14, height: 8 }),
    drawn('path', { class: 'cut-stroke', d: 'M-6 4 2 -5M-2 5 6 -4' }),
    drawn('text', { class: 'cut-letter', x: 10, y: 4 }),
  );

/** Shows what a node is like now. */
export function setNode(
  { button, face }: NodeDrawing,
  app: App,
  node: number,
  condition: Condition,
  badge: Badge | undefined,
): void {
  const name = nameOf(app.picture.run, node);
  const observer = nameOf(app.picture.run, app.store.state.node);
  const facts = [
    ...(badge?.role === undefined ? [] : [badge.role.words]),
    ...(badge?.belief === undefined ? [] : [`${badge.belief} to ${observer}`]),
    ...(badge === undefined || badge.to.length === 0 ? [] : [`cut off from ${badge.to.join(' ')}`]),
    ...(badge === undefined || badge.from.length === 0 || badge.from.every((other) => badge.to.includes(other))
      ? []
      : [`hears nothing of ${badge.from.filter((other) => !badge.to.includes(other)).join(' ')}`]),
  ];
  const label = [`${name}, ${conditionWord(condition)}`, ...facts].join('; ');
  if (button.getAttribute('aria-label') === label) return;
  button.setAttribute('aria-label', label);
  button.dataset.condition = condition;
  face.dataset.condition = condition;
  face.querySelector('.state')?.setAttribute('d', conditionShape(condition));
  const letter = badge?.role?.letter ?? '';
  face.toggleAttribute('data-leads', letter.startsWith('L'));
  face.querySelector('.role-badge')?.replaceChildren(...(letter === '' ? [] : roleBadge(letter)));
  // Where there is little room, only what is out of the ordinary is marked.
  const ordinary = badge?.belief === 'alive' && face.hasAttribute('data-small');
  const look = badge?.belief === undefined || ordinary ? undefined : BELIEF_LOOKS[badge.belief];
  face
    .querySelector('.belief-badge')
    ?.replaceChildren(
      ...(look === undefined
        ? []
        : [drawn('path', { d: look.shape, 'fill-rule': 'evenodd', style: `fill:var(--${look.token})` })]),
    );
  const cut = face.querySelector('.cut-mark');
  const isCut = badge !== undefined && badge.to.length + badge.from.length > 0;
  cut?.setAttribute('visibility', isCut ? 'visible' : 'hidden');
  cut?.querySelector('text')?.replaceChildren(badge?.side === undefined ? '' : sideName(badge.side));
  const title = button.querySelector('title');
  const lines = title?.textContent?.split('\n· ')[0] ?? '';
  title?.replaceChildren([lines, ...facts].join('\n· '));
}

function roleBadge(letter: string): SVGElement[] {
  const width = 8 + 7 * letter.length;
  return [
    drawn('rect', { class: 'role-ground', x: -width / 2, y: -8, width, height: 16, rx: 8 }),
    drawn('text', { class: 'role-letter', y: 4, 'text-anchor': 'middle' }, letter),
  ];
}

export const NAME_FONT = '600 12px';
const SMALL_FONT = '500 10.5px';
export const ADDRESS_FONT = '11px';
let measuring: CanvasRenderingContext2D | null = null;

/** How wide a text is, in pixels. */
export function textWidth(text: string, font: string): number {
  measuring ??= document.createElement('canvas').getContext('2d');
  if (measuring === null) return text.length * 7;
  const style = getComputedStyle(document.documentElement);
  measuring.font = `${font} ${style.getPropertyValue(font === ADDRESS_FONT ? '--mono' : '--sans')}`;
  return measuring.measureText(text).width;
}

/** Shortens a name that is too long. Its end says more than its beginning: `…test01`. */
function fitted(text: string, width: number, font: string): string {
  if (textWidth(text, font) <= width) return text;
  let shown = text.slice(1);
  while (shown.length > 1 && textWidth(`…${shown}`, font) > width) shown = shown.slice(1);
  return `…${shown}`;
}

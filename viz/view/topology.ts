import { formatAddress, formatPrefix } from '../../core/address.ts';
import { currentRecord } from '../model/cursor.ts';
import { cableOf, type Point } from '../model/layout.ts';
import type { Condition } from '../model/nodes.ts';
import { nameOf } from '../model/run.ts';
import type { App } from './app.ts';
import { conditionMark, conditionShape, conditionWord } from './condition.ts';
import { drawn, element } from './element.ts';
import { type Frame, PacketLayer, pixel } from './packets.ts';
import { onThemeChange } from './theme.ts';
import { TRANSPORTS, transportMark } from './transports.ts';

/** Pixels between two hosts on a bar: cards with a name and an address need the first, a name alone the second. */
const LARGEST = 176;
const CARDS = 92;
const NAMES = 46;
/** Pixels between a host and its bar, at most and at least for cards. */
const TALLEST = 132;
const CARDS_TALL = 56;
const MOST_GROWTH = 1.6;

/** The network: segments as bars, hosts and routers on their taps, and above it, on a canvas, what is on the wires. */
export function mountTopology(root: HTMLElement, app: App): void {
  const { layout, run } = app.picture;
  const svg = drawn('svg', { class: 'plan', role: 'group', 'aria-label': 'Segments' });
  const canvas = element('canvas', { class: 'wires', role: 'img', 'aria-label': 'Packets on the wires' });
  const summary = element('p', { class: 'unseen', id: 'wires-text' });
  canvas.setAttribute('aria-describedby', 'wires-text');
  // Hosts lie above the wires: a packet comes out of its sender and goes into its receiver.
  const hosts = drawn('svg', { class: 'hosts', role: 'group', 'aria-label': 'Hosts and routers' });
  const frameElement = element('div', { class: 'plan-frame' }, svg, canvas, hosts);
  root.append(element('div', { class: 'picture' }, frameElement), legendOf(app), summary);
  const packets = new PacketLayer(canvas, app);
  let nodes: readonly SVGGElement[] = [];

  function resize(): void {
    const { clientWidth, clientHeight } = frameElement;
    if (clientWidth === 0 || clientHeight === 0) return;
    // Where there is more room than the plan wants, all of it grows, letters too.
    const wanted = { width: layout.width * LARGEST, height: layout.height * TALLEST };
    const scale = Math.max(1, Math.min(MOST_GROWTH, clientWidth / wanted.width, clientHeight / wanted.height));
    const [width, height] = [clientWidth / scale, clientHeight / scale];
    const unit = Math.min(LARGEST, width / layout.width);
    const rise = Math.min(TALLEST, height / layout.height);
    const frame: Frame = {
      unit,
      rise,
      x: (width - layout.width * unit) / 2,
      y: (height - layout.height * rise) / 2,
      width,
      height,
      scale,
    };
    for (const each of [svg, hosts]) each.setAttribute('viewBox', `0 0 ${width} ${height}`);
    drawSegments(svg, app, frame);
    nodes = layout.nodes.map((place, node) => drawNode(app, node, pixel(frame, place), frame));
    hosts.replaceChildren(...nodes);
    packets.resize(frame);
    showStates();
    showPackets();
  }

  function showStates(): void {
    const { cursor, node: selected } = app.store.state;
    nodes.forEach((group, node) => {
      const { condition } = app.picture.nodes.at(cursor.position, node);
      if (group.dataset.condition !== condition) setCondition(group, nameOf(run, node), condition);
      const pressed = String(node === selected);
      if (group.getAttribute('aria-pressed') === pressed) return;
      group.toggleAttribute('data-selected', node === selected);
      group.setAttribute('aria-pressed', pressed);
    });
  }

  function showPackets(): void {
    const { cursor, trail, playing } = app.store.state;
    const record = playing ? undefined : currentRecord(app.picture.run.records, cursor);
    const text = packets.draw(app.picture.packets.at(cursor, trail), record === undefined ? [] : app.picture.packets.of(record));
    if (summary.textContent !== text) summary.textContent = text;
  }

  new ResizeObserver(resize).observe(frameElement);
  onThemeChange(showPackets, app.closing);
  app.store.watch((state, before) => {
    if (state.cursor !== before.cursor || state.node !== before.node) showStates();
    showPackets();
  });
}

function drawSegments(svg: SVGSVGElement, app: App, frame: Frame): void {
  const { layout, run } = app.picture;
  const at = (point: Point): Point => pixel(frame, point);
  const cables = layout.taps
    .filter(({ segment }) => layout.segments[segment]?.shape === 'bar')
    .map((tap) => drawn('path', { class: 'cable', d: pathOf(cableOf(at(tap.at), at(layout.nodes[tap.node] as Point))) }));
  const segments = layout.segments.map((place) => {
    const spec = run.topology.segments[place.segment];
    const [from, to] = [at(place.from), at(place.to)];
    if (spec === undefined) return drawn('g');
    if (place.shape === 'line') return drawn('path', { class: 'cable', d: pathOf([from, to]) }, drawn('title', {}, spec.name));
    const subnets = spec.subnets.map(formatPrefix).join(', ');
    const here = layout.taps.filter((tap) => tap.segment === place.segment);
    // Its name stands on the side that faces away from its hosts.
    const below = here.filter(({ node }) => (layout.nodes[node] as Point).y > place.from.y).length > here.length / 2;
    const joints = here.filter(({ node }) => (layout.nodes[node] as Point).y > place.from.y !== below).map((tap) => at(tap.at).x);
    const title = segmentTitle(spec.name, spec.vlan);
    const room = 10 + Math.max(textWidth(title, NAME_FONT), hasCards(frame) ? textWidth(subnets, ADDRESS_FONT) : 0);
    const { x, anchor } = labelPlace({ left: from.x, right: to.x, cables: joints, width: room, edge: frame.width });
    return drawn(
      'g',
      { class: 'segment' },
      drawn('rect', { class: 'bus', x: from.x, y: from.y - 4, width: to.x - from.x, height: 8, rx: 4 }),
      ...here.map((tap) => drawn('circle', { class: 'tap', cx: at(tap.at).x, cy: from.y, r: 3 })),
      drawn(
        'text',
        { class: 'segment-name', x, y: below ? from.y - 12 : from.y + 20, 'text-anchor': anchor },
        drawn('tspan', { class: 'strong' }, title),
        hasCards(frame) ? drawn('tspan', { class: 'mono', x, dy: below ? -15 : 15 }, subnets) : drawn('title', {}, subnets),
      ),
    );
  });
  svg.replaceChildren(drawn('g', {}, ...cables), drawn('g', {}, ...segments));
}

interface LabelRoom {
  /** The ends of the bar. */
  readonly left: number;
  readonly right: number;
  /** Where cables leave from it. */
  readonly cables: readonly number[];
  readonly width: number;
  /** Where the picture ends. */
  readonly edge: number;
}

/** Where a text fits beside a bar from which cables leave: at an end, or else beside a cable and over the end. */
function labelPlace({ left, right, cables, width, edge }: LabelRoom): { x: number; anchor: 'start' | 'end' } {
  const first = Math.min(right, ...cables);
  const last = Math.max(left, ...cables);
  if (first - left >= width) return { x: left + 2, anchor: 'start' };
  if (right - last >= width) return { x: right - 2, anchor: 'end' };
  if (first - left >= right - last) return { x: Math.max(width, first - 8), anchor: 'end' };
  return { x: Math.min(edge - width, last + 8), anchor: 'start' };
}

const hasCards = (frame: Frame): boolean => frame.unit >= CARDS && frame.rise >= CARDS_TALL;

const segmentTitle = (name: string, vlan: number | undefined): string =>
  vlan === undefined || name.includes(String(vlan)) ? name : `${name} · VLAN ${vlan}`;

function drawNode(app: App, node: number, { x, y }: Point, frame: Frame): SVGGElement {
  const { run, layout } = app.picture;
  const { unit } = frame;
  const spec = run.topology.nodes[node];
  const name = spec?.name ?? '';
  const addresses = (spec?.interfaces ?? []).flatMap((each) => each.addresses.map(({ address }) => formatAddress(address)));
  const taps = layout.taps.filter((tap) => tap.node === node);
  const home = taps.length <= 1;
  const router = spec?.forwarding === true;
  const select = (): void => app.select(node);
  const group = drawn('g', {
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
    const width = fullHost ? widest : Math.min(widest, Math.max(72, textWidth(name, NAME_FONT) + 46));
    const height = fullHost ? 44 : 34;
    const left = -width / 2 + (fullHost ? 9 : 13);
    group.append(
      drawn('rect', { class: 'card', x: -width / 2, y: -height / 2, width, height, rx: fullHost ? 8 : height / 2 }),
      drawn('g', { transform: `translate(${left},${fullHost ? -15 : -6})` }, state),
      drawn('text', { class: 'node-name', x: left + 17, y: fullHost ? -5 : 4.5 }, fitted(name, width - 31, NAME_FONT)),
    );
    if (fullHost)
      group.append(
        drawn('text', { class: 'node-address', x: left, y: 13 }, fitted(addresses[0] ?? '', width - 16, ADDRESS_FONT)),
      );
  } else {
    const size = Math.max(4, Math.min(11, unit / 5));
    group.append(
      drawn('circle', { class: 'hit', r: Math.max(size, Math.min(12, unit / 2)) }),
      drawn(
        router ? 'rect' : 'circle',
        router ? { class: 'card', x: -size, y: -size, width: 2 * size, height: 2 * size, rx: 3 } : { class: 'card', r: size },
      ),
      drawn('g', { transform: `scale(${size / 9}) translate(-6,-6)` }, state),
    );
    if (unit >= NAMES) {
      // On the side that its cables do not leave from.
      const hanging = taps.every(({ at }) => at.y > (layout.nodes[node] as Point).y);
      const place = { y: hanging ? -size - 7 : size + 14, 'text-anchor': 'middle' };
      group.append(drawn('text', { class: 'node-name small', ...place }, fitted(name, unit - 6, SMALL_FONT)));
    }
  }
  group.append(drawn('title', {}, [name, ...addresses].join('\n')));
  return group;
}

function setCondition(group: SVGGElement, name: string, condition: Condition): void {
  group.dataset.condition = condition;
  group.querySelector('.state')?.setAttribute('d', conditionShape(condition));
  group.setAttribute('aria-label', `${name}, ${conditionWord(condition)}`);
}

const NAME_FONT = '600 12px';
const SMALL_FONT = '500 10.5px';
const ADDRESS_FONT = '11px';
let measuring: CanvasRenderingContext2D | null = null;

function textWidth(text: string, font: string): number {
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

const pathOf = (points: readonly Point[]): string => points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x},${y}`).join('');

/** Explains the shapes of the transports that the run uses. */
function legendOf(app: App): HTMLElement {
  const { run, packets } = app.picture;
  const seen = packets.transports();
  return element(
    'p',
    { class: 'legend' },
    ...Object.keys(TRANSPORTS)
      .filter((transport) => seen.has(transport))
      .map((transport) => element('span', {}, transportMark(transport), TRANSPORTS[transport]?.name ?? '')),
    ...(['running', 'idle', 'paused', 'down'] as const).map((condition) =>
      element('span', { class: 'wide' }, conditionMark(condition), conditionWord(condition)),
    ),
    ...(run.records.count === 0 ? ['Nothing happens in this run.'] : []),
  );
}

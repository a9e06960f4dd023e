import { formatAddress, formatPrefix } from '../../core/address.ts';
import { badgesOf, faultText } from '../model/badges.ts';
import { currentRecord } from '../model/cursor.ts';
import { activeFaults, type FaultBand, sidesOf } from '../model/faults.ts';
import { agreementOf } from '../model/hulls.ts';
import { cableOf, type Point } from '../model/layout.ts';
import { nameOf } from '../model/run.ts';
import type { App } from './app.ts';
import { beliefMark } from './beliefs.ts';
import { conditionMark, conditionWord } from './condition.ts';
import { drawn, element } from './element.ts';
import { Hulls } from './hulls.ts';
import { icon } from './icons.ts';
import { ADDRESS_FONT, drawNode, hasCards, NAME_FONT, type NodeDrawing, setNode, textWidth } from './node.ts';
import { type Frame, PacketLayer, pixel } from './packets.ts';
import { hasRaft, raftOf } from './raft.ts';
import { onThemeChange } from './theme.ts';
import { TRANSPORTS, transportMark } from './transports.ts';
import { choiceOf, MOST_ROWS, type TableData, twinOf } from './twin.ts';

/** Pixels between two hosts on a bar. */
const LARGEST = 176;
/** Pixels between a host and its bar. */
const TALLEST = 132;
const MOST_GROWTH = 1.6;
/** Faults that are named one by one. */
const MOST_FAULTS = 6;

/** What is outlined, and what stands beside the letters of the groups. */
const OUTLINES = { sides: 'Outline: sides', agreement: 'Outline: who agrees', none: 'No outlines' } as const;
type Outlines = keyof typeof OUTLINES;
const WORDS: Readonly<Record<Outlines, string>> = { sides: 'side', agreement: 'agree:', none: '' };

/** The network: segments as bars, hosts and routers on their taps, and above it, on a canvas, what is on the wires. */
export function mountTopology(root: HTMLElement, app: App): void {
  const { layout } = app.picture;
  const svg = drawn('svg', { class: 'plan', role: 'group', 'aria-label': 'Segments' });
  const canvas = element('canvas', { class: 'wires', role: 'img', 'aria-label': 'Packets on the wires' });
  const summary = element('p', { class: 'unseen', id: 'wires-text' });
  canvas.setAttribute('aria-describedby', 'wires-text');
  // Hosts lie above the wires: a packet comes out of its sender and goes into its receiver.
  const hosts = drawn('svg', { class: 'hosts', role: 'group', 'aria-label': 'Hosts and routers' });
  const frameElement = element('div', { class: 'plan-frame' }, svg, canvas, hosts);
  const broken = element('ul', { class: 'broken', 'aria-label': 'What is broken' });
  const picture = element('div', { class: 'picture' }, frameElement, broken);
  const legend = legendOf(app);
  root.append(picture, legend, summary);
  const twin = twinOf(root, picture, app, () => tableOf(app));
  let outlines: Outlines = 'sides';
  const choice = choiceOf('Outlines', OUTLINES, outlines, (value) => {
    outlines = value;
    showStates();
  });
  const tools = element('span', { class: 'legend-tools' }, ...(app.picture.members.observers.length > 0 ? [choice] : []), twin);
  legend.append(tools);
  const hulls = new Hulls();
  let frame: Frame | undefined;
  const packets = new PacketLayer(canvas, app);
  let nodes: readonly NodeDrawing[] = [];
  /** Behind another picture nothing is drawn; when it comes to the front it has a size again. */
  let isSeen = false;

  function resize(): void {
    const { clientWidth, clientHeight } = frameElement;
    isSeen = clientWidth > 0 && clientHeight > 0;
    if (!isSeen) return;
    // Where there is more room than the plan wants, all of it grows, letters too.
    const wanted = { width: layout.width * LARGEST, height: layout.height * TALLEST };
    const scale = Math.max(1, Math.min(MOST_GROWTH, clientWidth / wanted.width, clientHeight / wanted.height));
    const [width, height] = [clientWidth / scale, clientHeight / scale];
    const unit = Math.min(LARGEST, width / layout.width);
    const rise = Math.min(TALLEST, height / layout.height);
    frame = {
      unit,
      rise,
      x: (width - layout.width * unit) / 2,
      y: (height - layout.height * rise) / 2,
      width,
      height,
      scale,
    };
    for (const each of [svg, hosts]) each.setAttribute('viewBox', `0 0 ${width} ${height}`);
    drawSegments(svg, app, frame, hulls.root);
    const drawing = frame;
    nodes = layout.nodes.map((place, node) => drawNode(app, node, pixel(drawing, place), drawing));
    hosts.replaceChildren(...nodes.map(({ button }) => button), ...nodes.map(({ face }) => face));
    packets.resize(frame);
    showStates();
    showPackets();
  }

  function showStates(): void {
    const { cursor, node: selected } = app.store.state;
    const { run: now, members, faults, nodes: lives } = app.picture;
    const active = activeFaults(now, faults, cursor.position, cursor.instant);
    const raft = hasRaft(app.picture) ? raftOf(app.picture) : undefined;
    const badges = badgesOf({ run: now, members, raft, faults: active }, cursor.position, selected);
    nodes.forEach((drawing, node) => {
      const { button } = drawing;
      setNode(drawing, app, node, lives.at(cursor.position, node).condition, badges[node]);
      const pressed = String(node === selected);
      if (button.getAttribute('aria-pressed') === pressed) return;
      button.toggleAttribute('data-selected', node === selected);
      button.setAttribute('aria-pressed', pressed);
    });
    if (frame !== undefined) hulls.draw(layout, frame, groupsNow(active), WORDS[outlines]);
    const texts = active.map((fault) => faultText(now, fault));
    if (broken.dataset.says !== texts.join()) {
      broken.dataset.says = texts.join();
      broken.replaceChildren(
        ...active.slice(0, MOST_FAULTS).map((fault, i) =>
          element(
            'li',
            { class: 'broken-item' },
            element(
              'button',
              {
                type: 'button',
                class: 'broken-link',
                title: `${fault.says}\nGo to its beginning`,
                onclick: () => app.visitNumber(fault.begin),
              },
              icon('bolt'),
              texts[i],
            ),
          ),
        ),
        ...(active.length > MOST_FAULTS
          ? [element('li', { class: 'broken-item' }, `and ${active.length - MOST_FAULTS} more`)]
          : []),
      );
    }
  }

  /** The nodes that are outlined together. */
  function groupsNow(active: readonly FaultBand[]): ReadonlyMap<number, number> | undefined {
    const { run, members, nodes: lives } = app.picture;
    if (outlines === 'agreement') return agreementOf(members, lives, app.store.state.cursor.position);
    if (outlines === 'none') return undefined;
    const names = run.topology.nodes.map(({ name }) => name);
    const cuts = active.flatMap((fault) => fault.cuts);
    const sides = cuts.length === 0 ? undefined : sidesOf(names, cuts);
    return sides && new Map([...sides].map(([name, side]) => [names.indexOf(name), side]));
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
    if (!isSeen) return;
    if (state.cursor !== before.cursor || state.node !== before.node || state.picture !== before.picture) showStates();
  });
  // There may be thousands.
  app.store.follow(() => {
    if (isSeen) showPackets();
  });
}

function drawSegments(svg: SVGSVGElement, app: App, frame: Frame, behind: SVGGElement): void {
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
  svg.replaceChildren(behind, drawn('g', {}, ...cables), drawn('g', {}, ...segments));
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

const segmentTitle = (name: string, vlan: number | undefined): string =>
  vlan === undefined || name.includes(String(vlan)) ? name : `${name} · VLAN ${vlan}`;

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
    ...(app.picture.members.observers.length === 0
      ? []
      : [element('span', { class: 'wide' }, beliefMark('alive'), beliefMark('failed'), 'to the selected host')]),
    ...(run.records.count === 0 ? ['Nothing happens in this run.'] : []),
  );
}

/** The hosts, what they are and what is cut, as a table. */
function tableOf(app: App): TableData {
  const { run, nodes, members, faults } = app.picture;
  const { cursor, node: selected } = app.store.state;
  const active = activeFaults(run, faults, cursor.position, cursor.instant);
  const raft = hasRaft(app.picture) ? raftOf(app.picture) : undefined;
  const badges = badgesOf({ run, members, raft, faults: active }, cursor.position, selected);
  const rows = run.topology.nodes
    .slice(0, MOST_ROWS)
    .map((spec, node) => [
      { text: spec.name, act: () => app.select(node) },
      conditionWord(nodes.at(cursor.position, node).condition),
      badges[node]?.role?.words ?? '',
      badges[node]?.belief ?? '',
      [...new Set(spec.interfaces.map(({ segment }) => run.topology.segments[segment]?.name ?? ''))].join(', '),
      spec.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => formatAddress(address))).join(', '),
      badges[node]?.to.join(' ') ?? '',
    ]);
  return {
    caption: 'Hosts and routers now',
    columns: ['Name', 'Condition', 'Role', `To ${nameOf(run, selected)}`, 'On', 'Addresses', 'Cut off from'],
    rows,
    more: run.topology.nodes.length - rows.length,
  };
}

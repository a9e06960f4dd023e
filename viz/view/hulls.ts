import { sideName } from '../model/badges.ts';
import { type Hull, hullsOf } from '../model/hulls.ts';
import type { Layout, Point } from '../model/layout.ts';
import type { Token } from '../model/palette.ts';
import { drawn } from './element.ts';
import { hasCards } from './node.ts';
import { type Frame, pixel } from './packets.ts';

/** Groups are told apart by colour, by dashes and by letters. */
const LOOKS: readonly (readonly [token: Token, dash: string])[] = [
  ['udp', ''],
  ['message', '7 4'],
  ['arp', '2 3'],
  ['stream', '10 3 2 3'],
  ['icmp', '4 2'],
];

/** Outlines around nodes that belong together, behind everything else. */
export class Hulls {
  readonly root = drawn('g', { class: 'hulls' });
  private says = '';

  /**
   * @param groups by node; undefined for no outlines
   * @param word before the letter of a group: `side`
   */
  draw(layout: Layout, frame: Frame, groups: ReadonlyMap<number, number> | undefined, word: string): void {
    const says = `${word} ${frame.width} ${frame.height} ${groups === undefined ? '' : [...groups].join(' ')}`;
    if (says === this.says) return;
    this.says = says;
    const first = new Set<number>();
    const hulls = groups === undefined ? [] : hullsOf(layout, groups);
    this.root.replaceChildren(
      ...hulls.map((hull) => {
        const named = !first.has(hull.group);
        first.add(hull.group);
        return outline(hull, layout, frame, named ? `${word} ${sideName(hull.group)}` : sideName(hull.group));
      }),
    );
  }
}

function outline({ group, nodes }: Hull, layout: Layout, frame: Frame, name: string): SVGGElement {
  const [token, dash] = LOOKS[group % LOOKS.length] as (typeof LOOKS)[number];
  const ends = [nodes[0], nodes.at(-1)].map((node) => pixel(frame, layout.nodes[node as number] as Point)) as [Point, Point];
  const cards = hasCards(frame);
  const wide = cards ? Math.min(frame.unit, 172) / 2 - 1 : Math.min(frame.unit / 2 - 1, 26);
  const tall = cards ? 34 : Math.min(30, frame.rise / 2.4);
  const [x, y] = [ends[0].x - wide, ends[0].y - tall];
  return drawn(
    'g',
    { style: `color:var(--${token})` },
    drawn('rect', {
      class: 'hull',
      x,
      y,
      width: ends[1].x + wide - x,
      height: 2 * tall,
      rx: 14,
      'stroke-dasharray': dash === '' ? undefined : dash,
    }),
    drawn('text', { class: 'hull-name', x: x + 10, y: Math.max(11, y - 4) }, name),
  );
}

import { drawn } from './element.ts';

/** Drawn on a grid of 16 × 16, as outlines unless listed below as filled. */
const PATHS = {
  play: 'M5 3.2v9.6a.6.6 0 0 0 .9.5l7.4-4.8a.6.6 0 0 0 0-1L5.9 2.7a.6.6 0 0 0-.9.5Z',
  pause: 'M4.5 3h2.2v10H4.5zM9.3 3h2.2v10H9.3z',
  forward: 'M4 3.4v9.2a.5.5 0 0 0 .8.4l6-4.6a.5.5 0 0 0 0-.8l-6-4.6a.5.5 0 0 0-.8.4ZM11.5 3H13v10h-1.5z',
  back: 'M12 3.4v9.2a.5.5 0 0 1-.8.4l-6-4.6a.5.5 0 0 1 0-.8l6-4.6a.5.5 0 0 1 .8.4ZM4.5 3H3v10h1.5z',
  'next-marker': 'M3 8h7M7.5 4.5 11 8l-3.5 3.5M13.2 3v10',
  'previous-marker': 'M13 8H6M8.5 4.5 5 8l3.5 3.5M2.8 3v10',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2.5 5.5v-3h3M13.5 5.5v-3h-3M2.5 10.5v3h3M13.5 10.5v3h-3',
  open: 'M2 12.5v-9h4l1.5 2H14v7z',
  theme: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 2a6 6 0 0 1 0 12z',
  help: 'M5.6 6a2.4 2.4 0 1 1 3.5 2.1c-.8.4-1.1.9-1.1 1.7M8 12.2v.1',
  table: 'M2.5 3h11v10h-11zM2.5 6.4h11M2.5 9.7h11M6.2 6.4V13',
  focus: 'M2.5 3v10M13.5 3v10M5 8h6M7 5.8 4.8 8 7 10.2M9 5.8 11.2 8 9 10.2',
  leader: 'M2.5 12.5h11L14 5l-3.4 3L8 3.5 5.4 8 2 5z',
  loop: 'M3 7V6a2.5 2.5 0 0 1 2.5-2.5H12M9.8 1.3 12 3.5 9.8 5.7M13 9v1a2.5 2.5 0 0 1-2.5 2.5H4M6.2 10.3 4 12.5l2.2 2.2',
  bolt: 'M9 1.8 4 9h3.6l-.8 5.2L12 7H8.4z',
  prompt: 'M3 4l4 4-4 4M8.5 12.5H13',
  stop: 'M3.5 3.5h9v9h-9z',
  bookmark: 'M4.2 2.5h7.6v11L8 10.4l-3.8 3.1z',
  lanes: 'M2.5 4h11M2.5 8h11M2.5 12h11M5 2.6v2.8M10 6.6v2.8M7 10.6v2.8',
  up: 'M8 12.5v-9M4 7l4-4 4 4',
  down: 'M8 3.5v9M4 9l4 4 4-4',
  fork: 'M4.5 2.5v11M4.5 9.5c5 0 7-2 7-6.5M9 5.2 11.5 2.7 14 5.2',
  save: 'M8 2.5v8M4.8 7.3 8 10.5l3.2-3.2M2.5 13.5h11',
  share:
    'M11.5 5.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM4.5 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM11.5 14.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM6.3 7.1l3.4-2.2M6.3 8.9l3.4 2.2',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4 14 14',
  held: 'M3 8.5 6.5 12 13 4.5',
  violated: 'M4 4l8 8M12 4l-8 8',
  inconclusive: 'M5.6 5.6a2.4 2.4 0 1 1 3.5 2.1c-.8.4-1.1.9-1.1 1.7M8 12.2v.1',
} as const;

export type Icon = keyof typeof PATHS;

const FILLED: ReadonlySet<Icon> = new Set(['play', 'pause', 'forward', 'back']);

/** A picture beside words that say the same: hidden from those who hear the page. */
export function icon(name: Icon): SVGSVGElement {
  const filled = FILLED.has(name);
  return drawn(
    'svg',
    { viewBox: '0 0 16 16', class: 'icon', 'aria-hidden': 'true' },
    drawn('path', {
      d: PATHS[name],
      fill: filled ? 'currentColor' : 'none',
      stroke: filled ? 'none' : 'currentColor',
      'stroke-width': 1.6,
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
    }),
  );
}

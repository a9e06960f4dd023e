import type { Condition } from '../model/nodes.ts';
import { drawn } from './element.ts';

const WORDS: Readonly<Record<Condition, string>> = { running: 'running', idle: 'up', paused: 'paused', down: 'down' };

/** Shapes on a grid of 12 × 12, so that no state is told by its colour alone. */
const SHAPES: Readonly<Record<Condition, string>> = {
  running: 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z',
  idle: 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM6 3.6a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8Z',
  paused: 'M2.5 1.5h2.6v9H2.5zM6.9 1.5h2.6v9H6.9z',
  down: 'M2.9 1.5 6 4.6l3.1-3.1 1.4 1.4L7.4 6l3.1 3.1-1.4 1.4L6 7.4l-3.1 3.1-1.4-1.4L4.6 6 1.5 2.9z',
};

export const conditionWord = (condition: Condition): string => WORDS[condition];

export const conditionShape = (condition: Condition): string => SHAPES[condition];

export function conditionMark(condition: Condition): SVGSVGElement {
  return drawn(
    'svg',
    { viewBox: '0 0 12 12', class: `mark ${condition}`, 'aria-hidden': 'true' },
    drawn('path', { d: SHAPES[condition], 'fill-rule': 'evenodd', fill: 'currentColor' }),
  );
}

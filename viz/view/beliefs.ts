import { BELIEFS, type BeliefName } from '../model/matrix.ts';
import type { Token } from '../model/palette.ts';
import { drawn } from './element.ts';

const CIRCLE = 'M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z';
const RING = `${CIRCLE}M6 3.6a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8Z`;
const CROSS = 'M2.9 1.5 6 4.6l3.1-3.1 1.4 1.4L7.4 6l3.1 3.1-1.4 1.4L6 7.4l-3.1 3.1-1.4-1.4L4.6 6 1.5 2.9z';

/** What a belief looks like: a shape on a grid of 12 × 12, so that it is not told by its colour alone, and the colour. */
export const BELIEF_LOOKS: Readonly<Record<BeliefName, { readonly shape: string; readonly token: Token }>> = {
  unknown: { shape: 'M5 5h2v2H5z', token: 'edge' },
  alive: { shape: CIRCLE, token: 'alive' },
  suspect: { shape: 'M6 1.2 11 10.4H1z', token: 'suspect' },
  leaving: { shape: 'M6 1.5a4.5 4.5 0 1 0 0 9Z', token: 'left' },
  left: { shape: RING, token: 'left' },
  failed: { shape: CROSS, token: 'failed' },
  other: { shape: 'M2 5h8v2H2z', token: 'muted' },
};

export const beliefLook = (belief: number) => BELIEF_LOOKS[BELIEFS[belief] ?? 'other'];

export function beliefMark(belief: BeliefName): SVGSVGElement {
  const { shape, token } = BELIEF_LOOKS[belief];
  return drawn(
    'svg',
    { viewBox: '0 0 12 12', class: `mark ${token}`, 'aria-hidden': 'true' },
    drawn('path', { d: shape, 'fill-rule': 'evenodd', fill: 'currentColor' }),
  );
}

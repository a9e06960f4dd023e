import { Kind } from '../../sim/engine/journal.ts';
import type { Token } from '../model/palette.ts';
import { drawn } from './element.ts';

/** A shape on a grid of 12 × 12 for each kind of record, and the tone that it is drawn in. */
export const KIND_LOOKS: Readonly<Record<number, readonly [shape: string, tone: Token]>> = {
  [Kind.boot]: ['M6 10.5V2M2.8 5 6 1.8 9.2 5', 'alive'],
  [Kind.crash]: ['M2.5 2.5l7 7M9.5 2.5l-7 7', 'failed'],
  [Kind.start]: ['M4 2.2v7.6L9.8 6z', 'alive'],
  [Kind.stop]: ['M2.8 2.8h6.4v6.4H2.8z', 'left'],
  [Kind.pause]: ['M4 2.2v7.6M8 2.2v7.6', 'suspect'],
  [Kind.resume]: ['M2.8 2.2v7.6M5.6 2.6v6.8L10.4 6z', 'alive'],
  [Kind.send]: ['M1.8 6h8M6.6 2.8 9.8 6 6.6 9.2', 'accent'],
  [Kind.forward]: ['M1.5 6h8.5M3.8 3 6.8 6l-3 3M7 3l3 3-3 3', 'left'],
  [Kind.deliver]: ['M10.2 6h-8M5.4 2.8 2.2 6l3.2 3.2', 'accent'],
  [Kind.drop]: ['M1.5 6h3M8 3.5l3 5M11 3.5l-3 5', 'failed'],
  [Kind.timer]: ['M6 1.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4ZM6 3.8V6l1.6 1.2', 'left'],
  [Kind.command]: ['M2 3l3 3-3 3M6.4 9.4h4', 'text'],
  [Kind.output]: ['M2 3.4h8M2 6h8M2 8.6h5', 'left'],
  [Kind.log]: ['M2 3.4h1M5 3.4h5M2 6h1M5 6h5M2 8.6h1M5 8.6h5', 'left'],
  [Kind.exit]: ['M2 3l3 3-3 3M7 3l3.4 6M10.4 3 7 9', 'left'],
  [Kind.notice]: ['M6 1.8v5M6 9.6v.2', 'suspect'],
  [Kind.fault]: ['M6.8 1.2 2.8 6.8h2.8l-.6 4 4.2-5.8H6.2z', 'failed'],
  [Kind.verdict]: ['M3 10.6V1.6h6.4L7.8 4l1.6 2.4H3', 'text'],
  [Kind.written]: ['M2.4 9.6 3 7.2 8.4 1.8l1.8 1.8-5.4 5.4z', 'left'],
};

export function kindMark(kind: number): SVGSVGElement {
  const [shape, tone] = KIND_LOOKS[kind] ?? ['M6 5.5v1', 'left'];
  return drawn(
    'svg',
    { viewBox: '0 0 12 12', class: `mark ${tone}`, 'aria-hidden': 'true' },
    drawn('path', {
      d: shape,
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.5,
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
    }),
  );
}

import { describe, expect, test } from 'vitest';
import { contrast, DARK, LIGHT, type Palette, paletteSheet, type Token } from './palette.ts';

const GROUNDS: Token[] = ['page', 'panel', 'sunken', 'hover'];
const DECORATION: Token[] = ['line'];
const BOUNDS: Token[] = ['edge'];
const INVERSE: Token[] = ['on-accent'];
const isMark = (token: Token): boolean => ![...GROUNDS, ...DECORATION, ...BOUNDS, ...INVERSE].includes(token);

describe('contrast (WCAG 2.2)', () => {
  // The values of the specification's examples and of https://webaim.org/resources/contrastchecker/
  test.each([
    ['#000000', '#ffffff', 21],
    ['#777777', '#ffffff', 4.48],
    ['#0072b2', '#ffffff', 5.19],
    ['#d55e00', '#ffffff', 3.87],
  ])('%s on %s is %d to 1, whichever is the ground', (a, b, ratio) => {
    expect(contrast(a, b)).toBeCloseTo(ratio, 2);
    expect(contrast(b, a)).toBe(contrast(a, b));
  });
});

describe.each<[string, Palette]>([
  ['light', LIGHT],
  ['dark', DARK],
])('the %s palette', (_, palette) => {
  const tokens = Object.keys(palette) as Token[];
  test.each(tokens.filter(isMark))('%s can be read as text on every ground: 4.5 to 1', (token) => {
    for (const ground of GROUNDS) expect(contrast(palette[token], palette[ground])).toBeGreaterThanOrEqual(4.5);
  });
  test.each(BOUNDS)('%s shows where a control ends on every ground: 3 to 1', (token) => {
    for (const ground of GROUNDS) expect(contrast(palette[token], palette[ground])).toBeGreaterThanOrEqual(3);
  });
  test('text on the accent colour reaches 4.5 to 1', () => {
    expect(contrast(palette['on-accent'], palette.accent)).toBeGreaterThanOrEqual(4.5);
  });
});

test('each token becomes a CSS variable with its light and its dark colour', () => {
  expect(paletteSheet()).toContain(`--alive:light-dark(${LIGHT.alive},${DARK.alive});`);
  expect(paletteSheet().match(/--/g)).toHaveLength(Object.keys(LIGHT).length);
});

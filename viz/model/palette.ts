/** What a colour is for. The page's CSS variables have the same names: `--text`, `--alive`. */
export type Token =
  | 'page'
  | 'panel'
  | 'sunken'
  | 'hover'
  | 'line'
  | 'edge'
  | 'text'
  | 'muted'
  | 'accent'
  | 'on-accent'
  | 'alive'
  | 'suspect'
  | 'failed'
  | 'left'
  | 'udp'
  | 'stream'
  | 'message'
  | 'arp'
  | 'icmp';

export type Palette = Readonly<Record<Token, string>>;

/**
 * The two tables of colours, after Okabe and Ito's set, which people with any of the common kinds of colour vision can tell apart.
 *
 * On a light ground their orange, sky blue and yellow are too pale, so the light table darkens the hues until each reaches 4.5:1, as text
 * must (WCAG 2.2, 1.4.3); on a dark ground they are brightened. `page`, `panel`, `sunken` and `hover` are grounds, `line` only decorates,
 * `edge` bounds what can be operated and reaches 3:1 (1.4.11), the rest is text or marks. The test beside this file computes all of it.
 */
export const LIGHT: Palette = {
  page: '#f3f3ef',
  panel: '#ffffff',
  sunken: '#f8f8f5',
  hover: '#eceef0',
  line: '#dddcd4',
  edge: '#84827a',
  text: '#191c20',
  muted: '#575b63',
  accent: '#00619e',
  'on-accent': '#ffffff',
  alive: '#006e51',
  suspect: '#8a5200',
  failed: '#b83a00',
  left: '#5d626b',
  udp: '#00619e',
  stream: '#006e51',
  message: '#8a5200',
  arp: '#93386f',
  icmp: '#b83a00',
};

export const DARK: Palette = {
  page: '#0c1015',
  panel: '#141a21',
  sunken: '#10151b',
  hover: '#1e262f',
  line: '#28313b',
  edge: '#6c7784',
  text: '#e7eaee',
  muted: '#a0a9b4',
  accent: '#62b8ea',
  'on-accent': '#0c1015',
  alive: '#34c79d',
  suspect: '#efb42b',
  failed: '#ff8256',
  left: '#9aa3ae',
  udp: '#62b8ea',
  stream: '#34c79d',
  message: '#efb42b',
  arp: '#dc97c1',
  icmp: '#ff8256',
};

/** The style sheet that makes both tables available as CSS variables, chosen by the `color-scheme` in force. */
export function paletteSheet(): string {
  const lines = (Object.keys(LIGHT) as Token[]).map((token) => `--${token}:light-dark(${LIGHT[token]},${DARK[token]});`);
  return `:root{${lines.join('')}}`;
}

/** Contrast of two colours written `#rrggbb`, from 1 to 21 (WCAG 2.2, "contrast ratio" and "relative luminance"). */
export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const channel = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

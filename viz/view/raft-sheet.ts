import { lengthText } from '../model/clock.ts';
import { type FaultBand, stretchesOf } from '../model/faults.ts';
import type { Span } from '../model/histogram.ts';
import type { Palette, Token } from '../model/palette.ts';
import type { RaftServer, RaftServers } from '../model/raft.ts';
import { shortened } from './lamport.ts';

/** An entry of a server's log that somebody chose. */
export interface Chosen {
  readonly row: number;
  readonly index: number;
}

/** Where everything lies, in pixels: above the roles over time, below the logs. */
export interface RaftSheet {
  readonly left: number;
  readonly right: number;
  readonly stripTop: number;
  readonly strip: number;
  readonly logTop: number;
  readonly log: number;
  readonly rows: number;
  /** The entries in sight, and how wide each is. */
  readonly first: number;
  readonly count: number;
  readonly cell: number;
  readonly logRight: number;
}

const NAMES = 96;
const NUMBERS = 142;
const CELL = 22;
const HEAD = 18;

export function sheetOf(
  servers: readonly RaftServer[],
  width: number,
  height: number,
  around: number,
  centred: boolean,
): RaftSheet {
  const rows = Math.max(1, servers.length);
  const left = Math.min(NAMES, width * 0.22);
  const room = height - 2 * HEAD - 10;
  const strip = Math.max(7, Math.min(48, (room * 0.42) / rows));
  const log = Math.max(9, Math.min(48, (room - strip * rows) / rows));
  const numbers = width < 520 ? 76 : NUMBERS;
  const logRight = width - numbers;
  const count = Math.max(1, Math.floor((logRight - left) / CELL));
  const first = Math.max(1, centred ? around - Math.floor(count / 2) : around - count + 1);
  return {
    left,
    right: width - 14,
    stripTop: HEAD,
    strip,
    logTop: HEAD + strip * rows + HEAD + 8,
    log,
    rows,
    first,
    count,
    cell: CELL,
    logRight,
  };
}

export function rowAt(sheet: RaftSheet, y: number): { readonly part: 'strip' | 'log'; readonly row: number } | undefined {
  const inStrip = Math.floor((y - sheet.stripTop) / sheet.strip);
  if (y >= sheet.stripTop && inStrip < sheet.rows) return { part: 'strip', row: inStrip };
  const inLog = Math.floor((y - sheet.logTop) / sheet.log);
  return y >= sheet.logTop && inLog < sheet.rows ? { part: 'log', row: inLog } : undefined;
}

export function indexAt(sheet: RaftSheet, x: number): number | undefined {
  const place = Math.floor((x - sheet.left) / sheet.cell);
  return place >= 0 && place < sheet.count ? sheet.first + place : undefined;
}

/** All that is drawn. */
export interface RaftPicture {
  readonly raft: RaftServers;
  /** Of a large run all of it in outline: for the roles and terms over time. */
  readonly whole: RaftServers;
  readonly servers: readonly RaftServer[];
  readonly faults: readonly FaultBand[];
  readonly span: Span;
  readonly instant: number;
  readonly position: number;
  readonly node: number;
  readonly chosen: Chosen | undefined;
  readonly sheet: RaftSheet;
  readonly font: string;
}

/** Terms go through these colours; their numbers stand beside them. */
const TERM_TOKENS: readonly Token[] = ['udp', 'stream', 'arp', 'message', 'icmp', 'left'];
const termToken = (term: number): Token => TERM_TOKENS[term % TERM_TOKENS.length] as Token;
const LETTERS: Readonly<Record<string, string>> = {
  leader: 'L',
  candidate: 'C',
  'pre-candidate': 'P',
  follower: 'F',
  learner: 'N',
};

export function paintRaft(context: CanvasRenderingContext2D, palette: Palette, picture: RaftPicture): void {
  context.textBaseline = 'middle';
  paintStrips(context, palette, picture);
  paintLogs(context, palette, picture);
  context.textBaseline = 'alphabetic';
}

function paintName(
  context: CanvasRenderingContext2D,
  palette: Palette,
  { sheet, node, font }: RaftPicture,
  server: RaftServer,
  y: number,
): void {
  const own = server.node === node;
  context.textAlign = 'right';
  context.font = `${own ? 650 : 500} 12px ${font}`;
  context.fillStyle = own ? palette.accent : palette.text;
  context.fillText(shortened(context, server.name, sheet.left - 34), sheet.left - 26, y);
  context.font = `700 11px ${font}`;
  context.fillStyle =
    server.role === 'leader' ? palette.alive : server.role?.includes('candidate') === true ? palette.suspect : palette.muted;
  context.fillText(LETTERS[server.role ?? ''] ?? '', sheet.left - 10, y);
}

/** Each server's roles and terms over time: a leader's stretch is tall, a candidate's half as tall, a follower's a line. */
function paintStrips(context: CanvasRenderingContext2D, palette: Palette, picture: RaftPicture): void {
  const { whole, servers, span, sheet, font, faults, instant } = picture;
  const x = (at: number): number =>
    sheet.left + Math.max(0, Math.min(1, (at - span.from) / Math.max(1, span.to - span.from))) * (sheet.right - sheet.left);
  const bottom = sheet.stripTop + sheet.strip * servers.length;
  for (const { from, to } of stretchesOf(faults, span)) {
    context.globalAlpha = 0.08;
    context.fillStyle = palette.failed;
    context.fillRect(x(from), sheet.stripTop, Math.max(2, x(to) - x(from)), bottom - sheet.stripTop);
    context.globalAlpha = 1;
  }
  context.font = `11px ${font}`;
  context.fillStyle = palette.muted;
  for (const [part, align] of [
    [0, 'left'],
    [0.5, 'center'],
    [1, 'right'],
  ] as const) {
    context.textAlign = align;
    context.fillText(
      span.from + part * (span.to - span.from) === 0
        ? '0'
        : lengthText(Math.round(span.from + part * (span.to - span.from)) as never),
      sheet.left + part * (sheet.right - sheet.left),
      sheet.stripTop - 9,
    );
  }
  servers.forEach((server, row) => {
    const y = sheet.stripTop + (row + 0.5) * sheet.strip;
    paintName(context, palette, picture, server, y);
    for (const { from, to, role, term } of whole.reigns(server.node)) {
      if (to < span.from || from > span.to) continue;
      const [a, b] = [x(from), Math.max(x(from) + 1.5, x(to))];
      const height = role === 'leader' ? sheet.strip - 3 : role.includes('candidate') ? sheet.strip * 0.5 : 3;
      context.fillStyle = palette[termToken(term)];
      context.globalAlpha = role === 'leader' ? 1 : 0.75;
      context.fillRect(a, y - height / 2, b - a, height);
      context.globalAlpha = 1;
      if (role === 'leader' && b - a > 34 && sheet.strip >= 12) {
        context.textAlign = 'left';
        context.font = `600 11px ${font}`;
        context.fillStyle = palette.panel;
        context.fillText(b - a > 60 ? `term ${term}` : String(term), a + 6, y);
      }
    }
    for (const { from, to, says } of faults) {
      if (says !== `${server.name} is down` || to < span.from || from > span.to) continue;
      context.fillStyle = palette.panel;
      context.fillRect(x(from), y - sheet.strip / 2, x(to) - x(from), sheet.strip);
      context.strokeStyle = palette.failed;
      context.setLineDash([2, 4]);
      context.beginPath();
      context.moveTo(x(from), y);
      context.lineTo(x(to), y);
      context.stroke();
      context.setLineDash([]);
    }
  });
  if (instant < span.from || instant > span.to) return;
  context.fillStyle = palette.accent;
  context.fillRect(x(instant) - 1, sheet.stripTop - 3, 2, bottom - sheet.stripTop + 6);
}

/** The logs below each other, so that equal indexes are in one column. */
function paintLogs(context: CanvasRenderingContext2D, palette: Palette, picture: RaftPicture): void {
  const { raft, servers, sheet, position, chosen, font } = picture;
  const { first, count, cell } = sheet;
  context.font = `11px ${font}`;
  context.fillStyle = palette.muted;
  context.textAlign = 'center';
  for (let index = first; index < first + count; index++) {
    if (index % 5 === 0 || (index === first && 5 - (first % 5) > 1))
      context.fillText(String(index), sheet.left + (index - first + 0.5) * cell, sheet.logTop - 9);
  }
  context.textAlign = 'left';
  if (sheet.logRight - sheet.left > 300) context.fillText('committed / end', sheet.logRight + 10, sheet.logTop - 9);
  servers.forEach((server, row) => {
    const top = sheet.logTop + row * sheet.log;
    const y = top + sheet.log / 2;
    paintName(context, palette, picture, server, y);
    context.fillStyle = palette.line;
    context.fillRect(sheet.left, top + sheet.log - 1, count * cell, 1);
    for (let index = first; index < first + count; index++) {
      const term = raft.log.term(server.node, index, position);
      if (term === undefined) continue;
      const x = sheet.left + (index - first) * cell;
      const committed = index <= server.commit;
      const box = [x + 1.5, top + 1.5, cell - 3, sheet.log - 4] as const;
      const colour = term === 0 ? palette.left : palette[termToken(term)];
      if (committed) {
        context.fillStyle = colour;
        context.fillRect(...box);
      } else {
        context.strokeStyle = colour;
        context.lineWidth = 1.5;
        context.strokeRect(box[0] + 0.75, box[1] + 0.75, box[2] - 1.5, box[3] - 1.5);
      }
      if (sheet.log >= 12) {
        context.font = `600 10.5px ${font}`;
        context.textAlign = 'center';
        context.fillStyle = committed ? palette.panel : colour;
        context.fillText(term === 0 ? '·' : term > 999 ? '…' : String(term), x + cell / 2, y - 0.5);
      }
    }
    paintProgress(context, palette, picture, server, top);
    context.textAlign = 'left';
    context.font = `500 12px ${font}`;
    context.fillStyle = palette.text;
    const both = sheet.log >= 28 && sheet.right - sheet.logRight > 110 && server.next !== undefined;
    context.fillText(`${server.commit} / ${server.last}`, sheet.logRight + 10, both ? y - 7 : y);
    if (both) {
      context.font = `11px ${font}`;
      context.fillStyle = palette.muted;
      context.fillText(`match ${server.match ?? '?'} · next ${server.next}`, sheet.logRight + 10, y + 7);
    }
    if (chosen?.row === row && chosen.index >= first && chosen.index < first + count) {
      context.strokeStyle = palette.accent;
      context.lineWidth = 2.5;
      context.strokeRect(sheet.left + (chosen.index - first) * cell, top, cell, sheet.log - 1);
    }
  });
}

/** What the leader knows of a log: a triangle from below at the last entry that it has there, an open one from above at the last that was sent. */
function paintProgress(
  context: CanvasRenderingContext2D,
  palette: Palette,
  { sheet: { first, count, left, cell, log } }: RaftPicture,
  { match, next }: RaftServer,
  top: number,
): void {
  const triangle = (index: number, base: number, tip: number): boolean => {
    if (index < first - 1 || index >= first + count) return false;
    const x = left + (index - first + 1) * cell;
    context.beginPath();
    context.moveTo(x, tip);
    context.lineTo(x + 5.5, base);
    context.lineTo(x - 5.5, base);
    context.closePath();
    return true;
  };
  if (match !== undefined && triangle(match, top + log - 1, top + log - 8)) {
    context.fillStyle = palette.text;
    context.fill();
  }
  if (next !== undefined && triangle(next - 1, top, top + 7)) {
    context.fillStyle = palette.panel;
    context.fill();
    context.strokeStyle = palette.text;
    context.lineWidth = 1.5;
    context.stroke();
  }
}

import { type BeliefMatrix, isWrong, type Tally, type Truth, type truthsOf } from '../model/matrix.ts';
import type { Palette } from '../model/palette.ts';
import { beliefLook } from './beliefs.ts';
import { shortened } from './lamport.ts';
import { shapeFrom } from './shape.ts';

/** A matrix of beliefs at a moment, and the order in which it is to be shown. */
export interface Grid {
  readonly matrix: BeliefMatrix;
  readonly truths: ReturnType<typeof truthsOf>;
  readonly wrongs: Tally;
  readonly observers: readonly string[];
  readonly subjects: readonly string[];
  /** Observers by row, and subjects by column, as places in the matrix. */
  readonly rowOrder: readonly number[];
  readonly columnOrder: readonly number[];
}

/** Where a matrix lies on its canvas, in pixels. */
export interface Sheet {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Of one cell. */
  readonly width: number;
  readonly height: number;
  readonly offsetX: number;
  readonly offsetY: number;
  readonly rows: number;
  readonly columns: number;
  /** Whether the names of the columns lie flat. */
  readonly flat: boolean;
}

/** Room for the names, and for the counts at the end of the rows. */
const NAMES = 104;
const HEADS = 58;
const FLAT_HEADS = 30;
/** From this width on the name of a column lies flat above it; sooner, if all names are short. */
const FLAT = 56;
const LETTER = 7;
const COUNTS = 74;
const WIDEST = 140;
const HIGHEST = 72;
/** From this size on a cell has a shape, from this one on a row has a name. */
const GLYPHS = 11;
const NAMED = 10;

export function sheetOf(
  { observers, subjects }: Grid,
  width: number,
  height: number,
  zoom: number,
  offset: { x: number; y: number },
): Sheet {
  const left = Math.min(NAMES, width * 0.22);
  const [right, bottom] = [width - COUNTS, height - 6];
  const [rows, columns] = [Math.max(1, observers.length), Math.max(1, subjects.length)];
  const across = Math.min(WIDEST, (right - left) / columns) * zoom;
  const longest = subjects.reduce((most, name) => Math.max(most, name.length), 0);
  const flat = across >= Math.min(FLAT, LETTER * longest + 8);
  const top = flat ? FLAT_HEADS : HEADS;
  const cell = { width: across, height: Math.min(HIGHEST, (bottom - top) / rows) * zoom };
  const limit = (at: number, size: number, room: number): number => Math.max(0, Math.min(size - room, at));
  return {
    left,
    top,
    right: Math.min(right, left + columns * cell.width),
    bottom: Math.min(bottom, top + rows * cell.height),
    ...cell,
    offsetX: limit(offset.x, columns * cell.width, right - left),
    offsetY: limit(offset.y, rows * cell.height, bottom - top),
    rows,
    columns,
    flat,
  };
}

/** The row and the column at a point. */
export function gridAt(sheet: Sheet, x: number, y: number): { readonly row: number; readonly column: number } | undefined {
  if (y < sheet.top || y > sheet.bottom || x < 0 || x > sheet.right) return undefined;
  return {
    row: Math.floor((y - sheet.top + sheet.offsetY) / sheet.height),
    column: Math.max(0, Math.floor((x - sheet.left + sheet.offsetX) / sheet.width)),
  };
}

export interface Marked {
  /** The row of the selected node, and its name; −1 when it observes nothing. */
  readonly row: number;
  readonly subject: string;
  readonly chosen: { readonly row: number; readonly column: number } | undefined;
}

export function paintMatrix(
  context: CanvasRenderingContext2D,
  palette: Palette,
  grid: Grid,
  sheet: Sheet,
  marked: Marked,
  font: string,
): void {
  context.save();
  context.beginPath();
  context.rect(sheet.left, sheet.top, sheet.right - sheet.left, sheet.bottom - sheet.top);
  context.clip();
  if (Math.min(sheet.width, sheet.height) >= GLYPHS) paintCells(context, palette, grid, sheet);
  else paintTexture(context, palette, grid, sheet);
  paintChosen(context, palette, grid, sheet, marked);
  context.restore();
  paintNames(context, palette, grid, sheet, marked, font);
}

/** The rows or columns in sight. */
function sight(offset: number, size: number, room: number, count: number): number[] {
  const first = Math.max(0, Math.floor(offset / size));
  const last = Math.min(count, Math.ceil((offset + room) / size));
  return Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
}

/** Each belief as a shape of its own. */
function paintCells(context: CanvasRenderingContext2D, palette: Palette, grid: Grid, sheet: Sheet): void {
  const { matrix, truths, rowOrder, columnOrder } = grid;
  const size = Math.min(18, Math.min(sheet.width, sheet.height) * 0.5);
  for (const row of sight(sheet.offsetY, sheet.height, sheet.bottom - sheet.top, sheet.rows)) {
    const observer = rowOrder[row] as number;
    const alive = truths.observers[observer] === true;
    for (const column of sight(sheet.offsetX, sheet.width, sheet.right - sheet.left, sheet.columns)) {
      const subject = columnOrder[column] as number;
      const belief = matrix.beliefs[observer * matrix.columns + subject] as number;
      const x = sheet.left - sheet.offsetX + column * sheet.width;
      const y = sheet.top - sheet.offsetY + row * sheet.height;
      const wrong = alive && isWrong(belief, truths.subjects[subject] as Truth);
      const { shape, token } = beliefLook(belief);
      context.globalAlpha = alive ? 1 : 0.3;
      context.fillStyle = palette.sunken;
      context.fillRect(x + 1, y + 1, sheet.width - 2, sheet.height - 2);
      if (wrong) {
        context.strokeStyle = palette.failed;
        context.lineWidth = 2;
        context.strokeRect(x + 2, y + 2, sheet.width - 4, sheet.height - 4);
      }
      context.save();
      context.translate(x + sheet.width / 2 - size / 2, y + sheet.height / 2 - size / 2);
      context.scale(size / 12, size / 12);
      context.fillStyle = palette[token];
      context.fill(shapeFrom(shape), 'evenodd');
      context.restore();
    }
  }
  context.globalAlpha = 1;
}

let texture: { readonly canvas: HTMLCanvasElement; readonly image: ImageData } | undefined;

/** A pixel for each belief, stretched to what room there is. What disagrees with the truth is drawn in full, the rest paler. */
function paintTexture(context: CanvasRenderingContext2D, palette: Palette, grid: Grid, sheet: Sheet): void {
  const { matrix, truths, rowOrder, columnOrder } = grid;
  const { rows, columns } = matrix;
  if (rows === 0 || columns === 0) return;
  if (texture?.canvas.width !== columns || texture.canvas.height !== rows) {
    const canvas = document.createElement('canvas');
    canvas.width = columns;
    canvas.height = rows;
    texture = { canvas, image: new ImageData(columns, rows) };
  }
  const pixels = new Uint32Array(texture.image.data.buffer);
  const right = Array.from({ length: 8 }, (_, belief) =>
    mixed(palette[beliefLook(belief).token], palette.panel, belief === 0 ? 0.12 : 0.6),
  );
  const wrong = Array.from({ length: 8 }, (_, belief) =>
    mixed(palette[belief === 1 ? 'text' : beliefLook(belief).token], palette.panel, 1),
  );
  const verdicts = truths.subjects.map((truth) => Array.from({ length: 8 }, (_, belief) => isWrong(belief, truth)));
  let at = 0;
  for (const observer of rowOrder) {
    const alive = truths.observers[observer] === true;
    const start = observer * columns;
    for (const subject of columnOrder) {
      const belief = matrix.beliefs[start + subject] as number;
      pixels[at++] = (alive && verdicts[subject]?.[belief] === true ? wrong[belief] : right[alive ? belief : 0]) as number;
    }
  }
  texture.canvas.getContext('2d')?.putImageData(texture.image, 0, 0);
  context.imageSmoothingEnabled = sheet.width < 1 || sheet.height < 1;
  context.drawImage(
    texture.canvas,
    sheet.left - sheet.offsetX,
    sheet.top - sheet.offsetY,
    columns * sheet.width,
    rows * sheet.height,
  );
}

/** A colour on a ground as a pixel of an image, which has its parts from low to high. */
function mixed(colour: string, ground: string, part: number): number {
  const channel = (text: string, at: number): number => Number.parseInt(text.slice(at, at + 2), 16);
  const [red, green, blue] = [1, 3, 5].map((at) => Math.round(channel(colour, at) * part + channel(ground, at) * (1 - part))) as [
    number,
    number,
    number,
  ];
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function paintChosen(context: CanvasRenderingContext2D, palette: Palette, grid: Grid, sheet: Sheet, { chosen }: Marked): void {
  if (chosen === undefined) return;
  const [row, column] = [grid.rowOrder.indexOf(chosen.row), grid.columnOrder.indexOf(chosen.column)];
  const size = [Math.max(4, sheet.width), Math.max(4, sheet.height)] as const;
  context.strokeStyle = palette.accent;
  context.lineWidth = 2.5;
  context.strokeRect(
    sheet.left - sheet.offsetX + column * sheet.width + 1,
    sheet.top - sheet.offsetY + row * sheet.height + 1,
    size[0] - 2,
    size[1] - 2,
  );
}

function paintNames(
  context: CanvasRenderingContext2D,
  palette: Palette,
  grid: Grid,
  sheet: Sheet,
  marked: Marked,
  font: string,
): void {
  const { observers, subjects, rowOrder, columnOrder, wrongs, truths } = grid;
  const rows = sight(sheet.offsetY, sheet.height, sheet.bottom - sheet.top, sheet.rows);
  const columns = sight(sheet.offsetX, sheet.width, sheet.right - sheet.left, sheet.columns);
  context.textBaseline = 'middle';
  if (sheet.height >= NAMED) {
    for (const row of rows) {
      const observer = rowOrder[row] as number;
      const y = sheet.top - sheet.offsetY + (row + 0.5) * sheet.height;
      if (y < sheet.top || y > sheet.bottom) continue;
      context.textAlign = 'right';
      context.font = `${observer === marked.row ? 650 : 500} ${Math.min(12, sheet.height)}px ${font}`;
      context.fillStyle =
        observer === marked.row ? palette.accent : truths.observers[observer] === true ? palette.text : palette.muted;
      context.fillText(shortened(context, observers[observer] as string, sheet.left - 14), sheet.left - 8, y);
      const count = wrongs.rows[observer] as number;
      context.textAlign = 'left';
      context.font = `${count > 0 ? 650 : 400} 12px ${font}`;
      context.fillStyle = count > 0 ? palette.failed : palette.muted;
      context.fillText(
        truths.observers[observer] === true ? (count === 0 ? '–' : `${count} wrong`) : 'down',
        sheet.right + 10,
        y,
      );
    }
  } else {
    // A bar says how much of a row is wrong.
    context.fillStyle = palette.failed;
    const most = Math.max(1, ...wrongs.rows);
    for (const row of rows) {
      const count = wrongs.rows[rowOrder[row] as number] as number;
      if (count > 0)
        context.fillRect(
          sheet.right + 8,
          sheet.top - sheet.offsetY + row * sheet.height,
          (count / most) * (COUNTS - 20),
          Math.max(1, sheet.height),
        );
    }
    context.textAlign = 'right';
    context.font = `12px ${font}`;
    context.fillStyle = palette.muted;
    context.fillText(`${sheet.rows}`, sheet.left - 8, sheet.top + 8);
    context.fillText('observers', sheet.left - 8, sheet.top + 24);
  }
  context.textAlign = 'left';
  context.font = `11px ${font}`;
  context.fillStyle = palette.muted;
  context.fillText('disagree', sheet.right + 8, sheet.top - 12);
  if (sheet.width < NAMED) {
    context.fillText(`${sheet.columns} members`, sheet.left, sheet.top - 12);
    context.textBaseline = 'alphabetic';
    return;
  }
  const { flat } = sheet;
  for (const column of columns) {
    const subject = columnOrder[column] as number;
    const x = sheet.left - sheet.offsetX + (column + 0.5) * sheet.width;
    if (x < sheet.left || x > sheet.right) continue;
    const name = subjects[subject] as string;
    context.save();
    context.font = `${name === marked.subject ? 650 : 500} 11px ${font}`;
    context.fillStyle = name === marked.subject ? palette.accent : palette.text;
    context.textAlign = flat ? 'center' : 'left';
    context.translate(x, sheet.top - (flat ? 12 : 6));
    if (!flat) context.rotate(-Math.PI / 3.2);
    context.fillText(shortened(context, name, flat ? sheet.width - 4 : 54), 0, 0);
    context.restore();
  }
  context.textBaseline = 'alphabetic';
}

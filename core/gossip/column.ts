/**
 * One number for each of many names, in as few bytes as the largest takes: a view of ten thousand members, held by ten thousand
 * members, is a hundred million of each column.
 */
export type Column = Uint8Array | Uint16Array | Uint32Array;

/** What is at a place; 0 where nothing was ever put. */
export const at = (column: Column, place: number): number => column[place] ?? 0;

/**
 * Puts a value, a whole number from 0 to 2³² − 1.
 *
 * @returns the column to keep: another one when this was too short or too narrow
 */
export function put(column: Column, place: number, value: number): Column {
  const fitting = roomier(column, place, value);
  fitting[place] = value;
  return fitting;
}

function roomier(column: Column, place: number, value: number): Column {
  const width = value < 0x1_00 ? 1 : value < 0x1_00_00 ? 2 : 4;
  if (place < column.length && width <= column.BYTES_PER_ELEMENT) return column;
  // A quarter more than before: enough that filling a column place by place copies each value a few times only.
  const length = place < column.length ? column.length : Math.max(place + 1, column.length + (column.length >>> 2), 8);
  const widest = Math.max(width, column.BYTES_PER_ELEMENT);
  const wider = widest === 1 ? new Uint8Array(length) : widest === 2 ? new Uint16Array(length) : new Uint32Array(length);
  wider.set(column);
  return wider;
}

/** A longer copy of a column: what follows the old items is zero. */
export function grown<T extends Int32Array | Float64Array | Uint8Array>(column: T, length: number): T {
  const longer = new (column.constructor as new (length: number) => T)(length);
  longer.set(column);
  return longer;
}

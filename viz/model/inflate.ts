/**
 * Expands raw deflate (RFC 1951) with what the platform brings.
 *
 * @throws Error when the bytes are damaged or expand to more than announced
 */
export async function inflate(bytes: Uint8Array, expanded: number): Promise<Uint8Array> {
  const whole = new Uint8Array(expanded);
  let length = 0;
  const stream = new DecompressionStream('deflate-raw');
  const writer = stream.writable.getWriter();
  // What goes wrong here goes wrong on the other side, too, and is said there.
  writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => undefined);
  writer.close().catch(() => undefined);
  const reader = stream.readable.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    if (length + piece.value.length > expanded) throw new Error(`it expands to more than the ${expanded} bytes that it says`);
    whole.set(piece.value, length);
    length += piece.value.length;
  }
  return whole.subarray(0, length);
}

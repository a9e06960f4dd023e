import type { ByteSource } from '../../sim/trace/sink.ts';

/** Where a trace lies; plain data that a worker can be given. */
export type TracePlace = { readonly blob: Blob } | { readonly url: string; readonly size: number };

/** Reads some bytes of what is in memory or on disk. */
export type ReadBlob = (blob: Blob, offset: number, length: number) => Promise<Uint8Array>;

export const readBlob: ReadBlob = async (blob, offset, length) =>
  new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());

/** A trace is read by parts, only those that are asked for. */
export const sourceOf = (place: TracePlace, read: ReadBlob = readBlob): ByteSource =>
  buffered(
    'blob' in place
      ? { size: place.blob.size, read: (offset, length) => read(place.blob, offset, length) }
      : { size: place.size, read: (offset, length) => range(place.url, offset, length) },
  );

/** Bytes that are read at least, and how many such pieces are kept. */
const PIECE = 65_536;
const KEPT_PIECES = 32;

/** Reads small things that lie near each other together: a way to the disk or to the server takes longer than what is read. */
export function buffered(source: ByteSource): ByteSource {
  const pieces = new Map<number, Promise<Uint8Array>>();
  const piece = (number: number): Promise<Uint8Array> => {
    const start = number * PIECE;
    const read = pieces.get(number) ?? source.read(start, Math.min(PIECE, source.size - start));
    pieces.delete(number);
    pieces.set(number, read);
    // What failed is tried again.
    read.catch(() => pieces.delete(number));
    const [oldest] = pieces.keys();
    if (pieces.size > KEPT_PIECES && oldest !== undefined) pieces.delete(oldest);
    return read;
  };
  return {
    size: source.size,
    read: async (offset, length) => {
      if (length === 0 || length > PIECE) return source.read(offset, length);
      const first = Math.floor(offset / PIECE);
      const last = Math.floor((offset + length - 1) / PIECE);
      const start = offset - first * PIECE;
      if (first === last) return (await piece(first)).subarray(start, start + length);
      const [one, other] = await Promise.all([piece(first), piece(last)]);
      const bytes = new Uint8Array(length);
      bytes.set(one.subarray(start));
      bytes.set(other.subarray(0, length - (PIECE - start)), PIECE - start);
      return bytes;
    },
  };
}

/** @throws Error when the server does not send that range */
async function range(url: string, offset: number, length: number): Promise<Uint8Array> {
  const response = await fetch(url, { headers: { range: `bytes=${offset}-${offset + length - 1}` } });
  if (response.status !== 206) throw new Error(`the server answered with ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * A trace behind an address: by ranges (RFC 9110 §14) where the server can, else all of it.
 *
 * @throws Error with a sentence when it cannot be had
 */
export async function placeAt(url: string): Promise<TracePlace> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { range: 'bytes=0-0' } });
  } catch {
    throw new Error(`${url} could not be reached.`);
  }
  const size = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1]);
  // Its whole address, as a worker has another place to start from.
  if (response.status === 206 && Number.isSafeInteger(size)) return { url: response.url, size };
  // An empty file has no first byte; other servers do not say how large it is, or know no ranges.
  if (response.status === 206 || response.status === 416) response = await fetch(url);
  if (!response.ok) throw new Error(`${url} was answered with ${response.status} ${response.statusText}.`);
  return { blob: await response.blob() };
}

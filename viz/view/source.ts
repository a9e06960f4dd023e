import { type ByteSource, Memory } from '../../sim/trace/sink.ts';

/** The trace that the page was written with; undefined when it was written with none. */
export function embeddedTrace(): ByteSource | undefined {
  const text = document.querySelector('#trace')?.textContent?.trim() ?? '';
  if (text === '') return undefined;
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i++) bytes[i] = characters.charCodeAt(i);
  return new Memory(bytes);
}

/** A file that a person chose; only the parts that are asked for are read. */
export const fileSource = (file: Blob): ByteSource => ({
  size: file.size,
  read: async (offset, length) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
});

/** @throws Error with a sentence when it cannot be had */
export async function fetchedSource(url: string): Promise<ByteSource> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw new Error(`${url} could not be reached.`);
  }
  if (!response.ok) throw new Error(`${url} was answered with ${response.status} ${response.statusText}.`);
  return fileSource(await response.blob());
}

import type { TracePlace } from '../model/source.ts';

/** The trace that the page was written with; undefined when it was written with none. */
export function embeddedTrace(): TracePlace | undefined {
  const text = document.querySelector('#trace')?.textContent?.trim() ?? '';
  if (text === '') return undefined;
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i++) bytes[i] = characters.charCodeAt(i);
  return { blob: new Blob([bytes]) };
}

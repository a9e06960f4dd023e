/** What makes a run, as plain data: enough to repeat it, and small enough for a link while the scenario is small. */
export interface Recipe {
  /** The file name of a scenario that ships with Partita. */
  readonly shipped?: string;
  /** The text of a scenario or of a replay file, when none that ships is meant. */
  readonly text?: string;
  /** What people call the text. */
  readonly name?: string;
  /** Instead of that of the text. */
  readonly seed?: number | string;
  /** As scenarios and replay files write them, instead of those of the text. */
  readonly interventions?: readonly object[];
  /** The end of the run in nanoseconds, instead of that of the text. */
  readonly until?: number;
  /** The version of Partita that made the run, and the run's fingerprint then. */
  readonly version?: string;
  readonly fingerprint?: string;
}

/** The longest part of a link that a run may take; some programs cut longer links. */
export const MOST_LINK = 8192;

/** What a link may expand to: a scenario is at most 4 MB. */
const MOST_TEXT = 4 * 1024 * 1024;

/** A recipe as a part of a link: JSON, deflated, in the letters of base64url (RFC 4648 §5). */
export async function packRecipe(recipe: Recipe): Promise<string> {
  const packed = await through(new TextEncoder().encode(JSON.stringify(recipe)), new CompressionStream('deflate-raw'));
  let letters = '';
  for (let i = 0; i < packed.length; i += 1024) letters += String.fromCharCode(...packed.subarray(i, i + 1024));
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Reads a part of a link that `packRecipe` wrote. Never rejects. */
export async function unpackRecipe(text: string): Promise<Recipe | { readonly problem: string }> {
  const problem = 'The link holds a run that cannot be read: it may have been cut off.';
  try {
    const letters = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const packed = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const bytes = await through(packed, new DecompressionStream('deflate-raw'));
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecipe(value) ? value : { problem };
  } catch {
    return { problem };
  }
}

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > MOST_TEXT) {
      await reader.cancel();
      throw new Error('too large');
    }
    parts.push(part.value);
  }
  const whole = new Uint8Array(size);
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** Whether data from outside has the form of a recipe. */
function isRecipe(value: unknown): value is Recipe {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { shipped, text, name, seed, interventions, until, version, fingerprint } = value as Record<string, unknown>;
  const texts = [shipped, text, name, version, fingerprint].every((each) => each === undefined || typeof each === 'string');
  const isSeed = seed === undefined || typeof seed === 'string' || typeof seed === 'number';
  const isEnd = until === undefined || (Number.isInteger(until) && (until as number) > 0);
  const isList =
    interventions === undefined ||
    (Array.isArray(interventions) && interventions.every((each) => typeof each === 'object' && each !== null));
  return texts && isSeed && isEnd && isList && (shipped === undefined) !== (text === undefined);
}

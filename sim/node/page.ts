import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where a page with a run in it is filled in; the viewer's page is written with it empty. */
const TRACE = /(<script type="application\/x-partita-trace" id="trace">)[^<]*(<\/script>)/;
const TITLE = /<title>[^<]*<\/title>/;

/** The viewer is beside this file's folder in a built package, and below `dist` in a checkout. */
const PLACES = ['../../viz/viewer.html', '../../dist/viz/viewer.html'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/**
 * The page of the viewer, without a run.
 *
 * @throws Error when it was not built
 */
export function viewerPage(): string {
  const path = PLACES.find((place) => existsSync(place));
  if (path === undefined) throw new Error('The viewer was not built. Run: npm run build');
  return readFileSync(path, 'utf8');
}

/**
 * Puts a trace into the page of the viewer, so that the page is the run: one file to open from disk, to mail, to keep.
 *
 * @param html as `viewerPage` gave it; a run that is already in it is replaced
 * @param title of the page, as plain text
 * @throws Error when it is not the viewer's page
 */
export function embedTrace(html: string, trace: Uint8Array, title: string): string {
  if (!TRACE.test(html)) throw new Error('This is not the page of the viewer: it has no place for a trace.');
  const text = Buffer.from(trace.buffer, trace.byteOffset, trace.byteLength).toString('base64');
  // As functions, because `$&` in a replacement text would mean something.
  return html
    .replace(TRACE, (_, open: string, close: string) => `${open}${text}${close}`)
    .replace(TITLE, () => `<title>${escapeText(title)}</title>`);
}

const escapeText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

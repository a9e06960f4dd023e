import { linkOf } from '../live/origin.ts';
import { recipeOfTrace } from '../live/trace-run.ts';
import { formatPlace, parsePlace } from '../model/link.ts';
import { textField } from '../model/run.ts';
import type { App } from './app.ts';

/** Browsers refuse to change the address more often than about three times a second. */
const PERIOD_MS = 400;

/**
 * Keeps the link to what is looked at in the address bar, and follows links that are put there.
 *
 * @param complain takes a sentence about a link that cannot be followed
 */
export function mountAddress(app: App, complain: (sentence: string) => void): void {
  /** The link that was followed or written last. */
  let known: string | undefined;
  /** The run of a trace, where it is small enough for a link. */
  let carried = '';
  const recipe = app.origin === undefined ? recipeOfTrace(app) : undefined;
  if (recipe !== undefined) {
    void linkOf(recipe, fingerprintOf(app)).then((link) => {
      carried = link;
    });
  }
  let waiting = false;
  const follow = (): void => {
    if (location.hash === known) return;
    known = location.hash;
    const place = parsePlace(location.hash);
    if (place === undefined) return;
    if ('problem' in place) {
      complain(place.problem);
      return;
    }
    const other = strange(app);
    if (other !== undefined) complain(other);
    app.follow(place);
  };
  const write = (): void => {
    waiting = false;
    if (app.closing.aborted) return;
    // Somebody has put a link there, and the page has not been told yet.
    if (location.hash !== known) return follow();
    try {
      history.replaceState(null, '', formatPlace(app.place()) + (app.origin?.link ?? traceMark(app) + carried));
      known = location.hash;
    } catch {
      // A page inside a frame may have no address of its own.
    }
  };
  follow();
  addEventListener('hashchange', follow, { signal: app.closing });
  app.store.watch((state, before) => {
    if (state === before || waiting) return;
    waiting = true;
    setTimeout(write, PERIOD_MS);
  });
}

/** Which run a link leads into, and which version made it: whoever follows it into another run is told so. */
function traceMark(app: App): string {
  const fingerprint = fingerprintOf(app);
  return fingerprint === undefined ? '' : `&h=${fingerprint}&c=${encodeURIComponent(app.picture.run.version)}`;
}

function fingerprintOf({ trace }: App): string | undefined {
  const text = textField(trace?.book.trace.summary, 'fingerprint');
  return text === '' ? undefined : text;
}

/** What is wrong when the link in the address leads into another run than this one. */
function strange(app: App): string | undefined {
  const fields = new URLSearchParams(location.hash.slice(1));
  const [wanted, version] = [fields.get('h'), fields.get('c')];
  const own = fingerprintOf(app);
  if (wanted === null || own === undefined || wanted === own) return undefined;
  const made =
    version === null || version === app.picture.run.version
      ? ''
      : ` It was made with Partita ${version}, this one with ${app.picture.run.version}.`;
  return `The link was made of another run than this one: their fingerprints differ.${made} Its instants and events may mean something else here.`;
}

import { formatPlace, parsePlace } from '../model/link.ts';
import type { App } from './app.ts';

/** Browsers refuse to change the address more often than about three times a second. */
const PERIOD_MS = 400;

/**
 * Keeps the link to what is looked at in the address bar, and follows links that are put there.
 *
 * @param complain takes a sentence about a link that cannot be followed
 */
export function mountAddress(app: App, complain: (sentence: string) => void): void {
  let written = '';
  let waiting = false;
  const follow = (): void => {
    if (location.hash === written) return;
    const place = parsePlace(location.hash);
    if (place === undefined) return;
    if ('problem' in place) complain(place.problem);
    else app.follow(place);
  };
  const write = (): void => {
    waiting = false;
    if (app.closing.aborted) return;
    written = formatPlace(app.place()) + (app.origin?.link ?? '');
    try {
      history.replaceState(null, '', written);
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

import type { Page } from 'playwright-core';

/**
 * Waits until what was done to a page can be seen in it: a change is shown in the next frame, what follows from the new sizes in the one after,
 * and canvases are painted in a third. What the page reads or asks a worker for is not waited for.
 */
export const settled = (page: Page): Promise<unknown> =>
  page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)))),
  );

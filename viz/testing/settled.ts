import type { Page } from 'playwright-core';

/**
 * Waits until what was done to a page can be seen in it: a change is shown in the next frame or, where there is much to draw, in one of those after; what
 * follows from the new sizes comes a frame later, and canvases are painted in a third. What the page reads or asks a worker for is not waited for.
 */
export const settled = (page: Page): Promise<unknown> =>
  page.evaluate(
    () =>
      new Promise<void>((done) => {
        let left = 3;
        const frame = (): void => {
          if (--left > 0 || document.documentElement.hasAttribute('data-drawing')) requestAnimationFrame(frame);
          else done();
        };
        requestAnimationFrame(frame);
      }),
  );

import { formatInstant, type Instant } from '../../core/time.ts';
import { lengthText } from '../model/clock.ts';
import { type Standing, standingOf } from '../model/properties.ts';
import type { Verdict } from '../model/run.ts';
import type { App } from './app.ts';
import { element } from './element.ts';
import { icon } from './icons.ts';

/** What the checks found, and what of it is known at the instant. */
export function mountChecks(root: HTMLElement, app: App): void {
  let shown: readonly Verdict[] | undefined;
  let rows: readonly HTMLElement[] = [];
  app.store.follow(() => {
    const { verdicts } = app.picture.run;
    if (shown === undefined || verdicts.length !== shown.length) {
      rows = verdicts.map((verdict) => rowOf(verdict, app));
      root.replaceChildren(
        rows.length === 0
          ? element('p', { class: 'hint' }, 'Nothing was checked in this run.')
          : element('ul', { class: 'verdicts' }, ...rows),
      );
    }
    shown = verdicts;
    verdicts.forEach((verdict, i) => {
      const row = rows[i] as HTMLElement;
      row.toggleAttribute('data-later', verdict.record > app.number);
      const text = standingText(standingOf(verdict, app.number, app.store.state.cursor.instant, app.picture.run.end));
      const place = row.querySelector('.standing');
      if (place !== null && place.textContent !== text) place.textContent = text;
    });
  });
}

const rowOf = (verdict: Verdict, app: App): HTMLElement =>
  element(
    'li',
    { class: `verdict ${verdict.outcome}` },
    icon(verdict.outcome),
    element(
      'div',
      {},
      element('p', { class: 'check' }, verdict.check),
      element('p', { class: 'standing' }),
      element('p', { class: 'says' }, verdict.says),
    ),
    element(
      'button',
      { class: 'time', type: 'button', title: 'Go to this verdict', onclick: () => app.visitNumber(verdict.record) },
      element('span', { class: 'outcome' }, verdict.outcome),
      ` ${formatInstant(verdict.at, 3)} s`,
    ),
  );

/** How a property stands now, in words; nothing once its check has spoken. */
const standingText = (standing: Standing): string => {
  if (standing.known !== undefined) return '';
  return standing.so === 'due' ? `due in ${lengthText(standing.left as Instant)}` : standing.so;
};

import { formatInstant } from '../../core/time.ts';
import type { App } from './app.ts';
import { element } from './element.ts';
import { icon } from './icons.ts';

/** What the checks found, and what of it is known at the instant. */
export function mountChecks(root: HTMLElement, app: App): void {
  const { verdicts } = app.picture.run;
  if (verdicts.length === 0) {
    root.append(element('p', { class: 'hint' }, 'Nothing was checked in this run.'));
    return;
  }
  const rows = verdicts.map((verdict) =>
    element(
      'li',
      { class: `verdict ${verdict.outcome}` },
      icon(verdict.outcome),
      element('div', {}, element('p', { class: 'check' }, verdict.check), element('p', { class: 'says' }, verdict.says)),
      element(
        'button',
        { class: 'time', type: 'button', title: 'Go to this verdict', onclick: () => app.visitNumber(verdict.record) },
        element('span', { class: 'outcome' }, verdict.outcome),
        ` ${formatInstant(verdict.at, 3)} s`,
      ),
    ),
  );
  root.append(element('ul', { class: 'verdicts' }, ...rows));
  app.store.watch(() => {
    verdicts.forEach((verdict, i) => {
      (rows[i] as HTMLElement).toggleAttribute('data-later', verdict.record > app.number);
    });
  });
}

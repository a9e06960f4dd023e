import { DARK, LIGHT, type Palette } from '../model/palette.ts';
import { element } from './element.ts';
import { icon } from './icons.ts';
import { keep, kept } from './memory.ts';

const CHOICES = ['system', 'light', 'dark'] as const;
type Choice = (typeof CHOICES)[number];

const changes = new EventTarget();
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
let choice: Choice = CHOICES.find((each) => each === kept('theme')) ?? 'system';

/** The colours in force, for what is drawn on a canvas. */
export const colours = (): Palette => (choice === 'dark' || (choice === 'system' && systemIsDark.matches) ? DARK : LIGHT);

/** Calls the listener when the colours have changed. */
export function onThemeChange(listener: () => void, until: AbortSignal): void {
  changes.addEventListener('change', listener, { signal: until });
}

/** Lets all pictures be painted once more. */
export const repaint = (): void => void changes.dispatchEvent(new Event('change'));

/** The button that goes through system, light and dark. */
export function themeButton(): HTMLButtonElement {
  const button = element(
    'button',
    { class: 'quiet', type: 'button', onclick: next },
    icon('theme'),
    element('span', { class: 'wide' }),
  );
  const show = (): void => {
    const name = `Colours: ${choice}`;
    button.setAttribute('aria-label', name);
    button.title = name;
    button.lastElementChild?.replaceChildren(choice[0]?.toUpperCase() + choice.slice(1));
  };
  function next(): void {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] as Choice;
    keep('theme', choice);
    apply();
    show();
  }
  show();
  return button;
}

function apply(): void {
  document.documentElement.style.colorScheme = choice === 'system' ? 'light dark' : choice;
  changes.dispatchEvent(new Event('change'));
}

systemIsDark.addEventListener('change', apply);
apply();

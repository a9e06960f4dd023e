import { element } from './element.ts';

/** Something behind a tab. */
export interface Pane {
  readonly id: string;
  readonly name: string;
  /** A number or a word beside the name. */
  readonly count?: string | undefined;
  /** Fills the pane when it is shown for the first time. */
  readonly mount: (root: HTMLElement) => void;
}

/** Panes of which one is shown at a time. */
export class Tabs {
  private readonly panes: readonly Pane[];
  private readonly choose: (id: string) => void;
  private readonly buttons: ReadonlyMap<string, HTMLButtonElement>;
  private readonly bodies: ReadonlyMap<string, HTMLElement>;
  private readonly mounted = new Set<string>();

  /**
   * @param root what the list of tabs, and the panes after it, are put into
   * @param choose told when a person chooses another pane; it calls `show`, at once or later
   */
  constructor(root: HTMLElement, label: string, panes: readonly Pane[], choose: (id: string) => void) {
    this.panes = panes;
    this.choose = choose;
    this.buttons = new Map(
      panes.map(({ id, name, count }) => [
        id,
        element(
          'button',
          { id: `tab-${id}`, role: 'tab', type: 'button', 'aria-controls': id, onclick: () => choose(id) },
          name,
          count === undefined ? undefined : element('span', { class: 'count' }, count),
        ),
      ]),
    );
    this.bodies = new Map(
      panes.map(({ id }) => [id, element('section', { id, class: 'pane', role: 'tabpanel', 'aria-labelledby': `tab-${id}` })]),
    );
    root.prepend(
      element(
        'div',
        { class: 'tabs', role: 'tablist', 'aria-label': label, onkeydown: (event) => this.onKey(event) },
        ...this.buttons.values(),
      ),
      ...this.bodies.values(),
    );
  }

  /** @returns whether there is such a pane */
  has(id: string): boolean {
    return this.buttons.has(id);
  }

  /** Brings a pane to the front. */
  show(shown: string): void {
    for (const [id, button] of this.buttons) {
      const selected = id === shown;
      button.setAttribute('aria-selected', String(selected));
      button.tabIndex = selected ? 0 : -1;
      this.bodies.get(id)?.toggleAttribute('data-behind', !selected);
      if (selected) bringIntoSight(button);
    }
    this.fill(shown);
  }

  /** Fills a pane, whether it is shown by its tab or by other means. */
  fill(id: string): void {
    const body = this.bodies.get(id);
    if (body === undefined || this.mounted.has(id)) return;
    this.mounted.add(id);
    this.panes.find((pane) => pane.id === id)?.mount(body);
  }

  private onKey(event: KeyboardEvent): void {
    const shown = [...this.buttons].filter(([, { offsetParent }]) => offsetParent !== null).map(([id]) => id);
    const now = shown.findIndex((id) => this.buttons.get(id)?.getAttribute('aria-selected') === 'true');
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: now + 1,
      ArrowLeft: now - 1 + shown.length,
      Home: 0,
      End: shown.length - 1,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    const next = shown[step % shown.length] as string;
    this.choose(next);
    this.buttons.get(next)?.focus();
    event.preventDefault();
  }
}

/** Scrolls a list of tabs that is wider than its place, and nothing else. */
function bringIntoSight(button: HTMLElement): void {
  const list = button.parentElement;
  if (list === null) return;
  const [left, right] = [button.offsetLeft - list.offsetLeft, button.offsetLeft - list.offsetLeft + button.offsetWidth];
  if (left < list.scrollLeft) list.scrollLeft = left;
  else if (right > list.scrollLeft + list.clientWidth) list.scrollLeft = right - list.clientWidth;
}

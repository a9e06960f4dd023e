import { element } from './element.ts';
import { onThemeChange } from './theme.ts';

/** A canvas that fills what it is put into. It is drawn at most once a frame, and only while it can be seen. */
export class Surface {
  readonly canvas: HTMLCanvasElement;
  /** In CSS pixels; 0 while it is hidden. */
  width = 0;
  height = 0;
  private readonly paint: (context: CanvasRenderingContext2D) => void;
  private waiting = false;

  /**
   * @param label what the picture is called
   * @param summary what is in it at the moment, in words; kept up by who draws
   */
  constructor(
    root: HTMLElement,
    { label, summary, until }: { readonly label: string; readonly summary: HTMLElement; readonly until: AbortSignal },
    paint: (context: CanvasRenderingContext2D) => void,
  ) {
    this.paint = paint;
    this.canvas = element('canvas', {
      class: 'surface',
      role: 'application',
      'aria-roledescription': 'picture',
      'aria-label': label,
      'aria-describedby': summary.id,
      tabindex: 0,
    });
    root.append(this.canvas);
    new ResizeObserver(() => {
      const changed = this.width !== root.clientWidth || this.height !== root.clientHeight;
      this.width = root.clientWidth;
      this.height = root.clientHeight;
      if (changed) this.draw();
    }).observe(root);
    onThemeChange(() => this.touch(), until);
  }

  get seen(): boolean {
    return this.width > 0 && this.height > 0;
  }

  /** Asks to be drawn with the next frame. */
  touch(): void {
    if (this.waiting || !this.seen) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  /** Draws now. */
  draw(): void {
    if (!this.seen) return;
    const [width, height] = [Math.round(this.width * devicePixelRatio), Math.round(this.height * devicePixelRatio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const context = this.canvas.getContext('2d');
    if (context === null) return;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    this.paint(context);
  }
}

/** Where a pointer is on an element, in its pixels. */
export function pointIn(target: Element, event: MouseEvent): { readonly x: number; readonly y: number } {
  const box = target.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

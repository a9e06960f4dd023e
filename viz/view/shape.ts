const texts = new WeakMap<Path2D, string>();

const shapes = new Map<string, Path2D>();

/** A path that knows what it was written as, so that it can be written into a drawing, too. Each is made once. */
export function shapeFrom(text: string): Path2D {
  let shape = shapes.get(text);
  if (shape === undefined) {
    shape = new Path2D(text);
    shapes.set(text, shape);
    texts.set(shape, text);
  }
  return shape;
}

/** What a path was written as; empty when it was drawn by other means. */
export const shapeText = (shape: Path2D): string => texts.get(shape) ?? '';

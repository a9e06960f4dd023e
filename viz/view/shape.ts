const texts = new WeakMap<Path2D, string>();

/** A path that knows what it was written as, so that it can be written into a drawing, too. */
export function shapeFrom(text: string): Path2D {
  const shape = new Path2D(text);
  texts.set(shape, text);
  return shape;
}

/** What a path was written as; empty when it was drawn by other means. */
export const shapeText = (shape: Path2D): string => texts.get(shape) ?? '';

/** A property does not hold. */
export class Broken extends Error {
  readonly property: string;

  constructor(property: string, says: string) {
    super(`${property}: ${says}`);
    this.property = property;
  }
}

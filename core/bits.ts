const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);
FLOAT[0] = 1; // 0x3ff00000_00000000: the word that is not zero is the upper one, whatever the byte order of the machine
const UPPER = WORDS[0] === 0 ? 1 : 0;
const LOWER = 1 - UPPER;

/** Sign, exponent and the first 20 bits of the fraction of a double (IEEE 754 binary64). Of a NaN: the engine's affair. */
export function upperWord(n: number): number {
  FLOAT[0] = n;
  return WORDS[UPPER] as number;
}

/** The last 32 bits of the fraction of a double. */
export function lowerWord(n: number): number {
  FLOAT[0] = n;
  return WORDS[LOWER] as number;
}

/** The double that consists of these words. */
export function fromWords(upper: number, lower: number): number {
  WORDS[UPPER] = upper;
  WORDS[LOWER] = lower;
  return FLOAT[0] as number;
}

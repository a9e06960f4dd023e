/*
 * The keys that packets and streams are sealed with: texts in base64, the primary one first. The primary seals, all of them open. Nothing
 * is encrypted here: what was sealed says with which key, and whoever does not have it does not look inside.
 */

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** How many bytes a key in base64 has. @returns undefined for a text that is not base64 */
export function keyBytes(key: string): number | undefined {
  if (!BASE64.test(key)) return undefined;
  return (key.length / 4) * 3 - (key.endsWith('==') ? 2 : key.endsWith('=') ? 1 : 0);
}

/** Why a text cannot be a key, as memberlist words it: AES has keys of 128, 192 and 256 bits. */
export function keyProblem(key: string): string | undefined {
  const bytes = keyBytes(key);
  return bytes === 16 || bytes === 24 || bytes === 32 ? undefined : 'key size must be 16, 24 or 32 bytes';
}

/**
 * Adds a key behind the others, or as the primary one if it is the first. One that is there already stays where it is.
 *
 * @returns why it was not added
 */
export function installKey(keys: string[], key: string): string | undefined {
  const problem = keyProblem(key);
  if (problem === undefined && !keys.includes(key)) keys.push(key);
  return problem;
}

/** Makes a key the primary one. @returns why it was not */
export function useKey(keys: string[], key: string): string | undefined {
  const place = keys.indexOf(key);
  if (place < 0) return 'requested key is not in the keyring';
  keys.splice(place, 1);
  keys.unshift(key);
  return undefined;
}

/** Takes a key away, unless it is the primary one. One that is not there is none the less gone. @returns why it was not taken away */
export function removeKey(keys: string[], key: string): string | undefined {
  const place = keys.indexOf(key);
  if (place === 0) return 'removing the primary key is not allowed';
  if (place > 0) keys.splice(place, 1);
  return undefined;
}

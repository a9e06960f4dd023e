/** What is between two nodes: plain readonly data, told apart by `type`, each case with exactly its own fields. */
export type EchoMessage =
  | { readonly type: 'ping'; readonly sequence: number }
  /** The answer, with the number of the ping. */
  | { readonly type: 'pong'; readonly sequence: number };

/** On the wire: a byte for the type and eight for the number. */
export const MESSAGE_BYTES = 9;

/** Anything may arrive on an open port; what is no message of ours is dropped, never thrown at. */
export function isMessage(value: unknown): value is EchoMessage {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('sequence' in value)) return false;
  return (value.type === 'ping' || value.type === 'pong') && Number.isSafeInteger(value.sequence);
}

import type { Contest } from './contest.ts';

/** What a contestant's process reports of one round. */
export interface Measured {
  readonly nanoseconds: number;
  readonly operations: number;
  readonly sum: number;
}

/**
 * Runs one contestant in this process, a round for each message. Each has a process of its own, so that no one's objects, garbage and
 * types of arguments are in another's way.
 */
export async function serve(contest: Contest, name: string): Promise<void> {
  const setUp = contest.contestants[name];
  if (setUp === undefined || process.send === undefined) throw new Error(`no contestant ${name}`);
  const round = await setUp();
  for (let i = 0; i < contest.warmUp; i++) round();
  const send = process.send.bind(process);
  process.on('message', () => {
    const before = process.cpuUsage();
    const { operations, sum } = round();
    const { user, system } = process.cpuUsage(before);
    send({ nanoseconds: (1_000 * (user + system)) / operations, operations, sum } satisfies Measured);
  });
  process.on('disconnect', () => process.exit());
  send('ready');
}

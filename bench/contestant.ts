import type { Contest } from './contest.ts';

/** What a contestant's process reports of one round. */
export interface Measured {
  readonly nanoseconds: number;
  readonly operations: number;
}

/**
 * Runs one contestant in this process, a round for each message. Each has a process of its own, so that no one's objects, garbage and
 * types of arguments are in another's way.
 */
export function serve(contest: Contest, name: string): void {
  const setUp = contest.contestants[name];
  if (setUp === undefined || process.send === undefined) throw new Error(`no contestant ${name}`);
  const contestant = setUp();
  for (let i = 0; i < contest.warmUp; i++) contestant.round();
  const send = process.send.bind(process);
  process.on('message', (message) => {
    if (message === 'finish') return send(contestant.finish());
    const before = process.cpuUsage();
    const operations = contestant.round();
    const { user, system } = process.cpuUsage(before);
    return send({ nanoseconds: (1_000 * (user + system)) / operations, operations } satisfies Measured);
  });
  process.on('disconnect', () => process.exit());
  send('ready');
}

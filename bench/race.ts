import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Contest } from './contest.ts';
import type { Measured } from './contestant.ts';

/** Nanoseconds of CPU time per operation: of one contestant in each round. */
export type Times = ReadonlyMap<string, readonly number[]>;

/**
 * Lets the contestants do round after round in turn, so that whatever slows the machine hits all alike.
 *
 * @throws Error when they did not do the same work
 */
export async function race(bench: string, contest: Contest, program: string): Promise<Times> {
  const names = Object.keys(contest.contestants);
  const processes = new Map<string, ChildProcess>();
  try {
    for (const name of names) {
      const child = fork(program, ['--contestant', bench, contest.name, name]);
      processes.set(name, child);
      await reply(child, name);
    }
    const times = new Map<string, number[]>(names.map((name) => [name, []]));
    for (let round = 0; round < contest.rounds; round++) {
      const operations = new Map<string, number>();
      for (const [name, child] of processes) {
        child.send('round');
        const measured = (await reply(child, name)) as Measured;
        operations.set(name, measured.operations);
        times.get(name)?.push(measured.nanoseconds);
      }
      assertEqual(operations, `${bench}, ${contest.name}: operations in round ${round}`);
    }
    const sums = new Map<string, number>();
    for (const [name, child] of processes) {
      child.send('finish');
      sums.set(name, (await reply(child, name)) as number);
    }
    assertEqual(sums, `${bench}, ${contest.name}: work`);
    return times;
  } finally {
    for (const child of processes.values()) child.disconnect();
  }
}

function assertEqual(values: ReadonlyMap<string, number>, what: string): void {
  if (new Set(values.values()).size > 1) throw new Error(`${what} of the contestants differ: ${JSON.stringify([...values])}`);
}

async function reply(child: ChildProcess, name: string): Promise<unknown> {
  const ended = new AbortController();
  const [message] = await Promise.race([
    once(child, 'message', { signal: ended.signal }),
    once(child, 'exit', { signal: ended.signal }).then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`))),
  ]);
  ended.abort();
  return message;
}

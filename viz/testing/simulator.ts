import { Driver } from '../live/driver.ts';
import type { Call, Calls, FromWorker, Mistake } from '../live/messages.ts';

/** Asks the simulator of the page, without a page. */
export type Ask = <C extends Call>(call: C, ask: Calls[C]['ask']) => Promise<Calls[C]['answer']>;

/** What the page is told when something cannot be done; in its words the mistakes of a text, too. */
class Refused extends Error {
  readonly mistakes: readonly Mistake[];

  constructor(problem: string, mistakes: readonly Mistake[]) {
    super([problem, ...mistakes.map((each) => `${each.line}:${each.column} ${each.message}`)].join('\n'));
    this.mistakes = mistakes;
  }
}

/**
 * A worker without a thread: calls and answers.
 *
 * @param shipped texts of scenarios by their names
 * @param step milliseconds that pass between two looks at its clock: the more, the more often it believes to have worked for long
 */
export function simulator(shipped: ReadonlyMap<string, string>, step = 0.5): Ask {
  const waiting = new Map<number, (message: FromWorker) => void>();
  let time = 0;
  const driver = new Driver({
    post: (message) => {
      if (!('part' in message)) waiting.get(message.id)?.(message);
    },
    clock: () => (time += step),
    rest: () => new Promise((resolve) => setTimeout(resolve)),
    version: '1.2.3',
    shipped,
  });
  let id = 0;
  return (call, ask) =>
    new Promise((resolve, reject) => {
      const own = ++id;
      waiting.set(own, (message) => {
        if ('answer' in message) resolve(message.answer as never);
        else if ('problem' in message) reject(new Refused(message.problem, message.mistakes));
      });
      void driver.take({ id: own, call, ask } as never);
    });
}

/** Lets the run go on until an instant, and comes back when it waits there. */
export async function runTo(ask: Ask, until: number): Promise<Calls['look']['answer']> {
  await ask('pace', { speed: Number.POSITIVE_INFINITY, until });
  for (;;) {
    const standing = await ask('look', {});
    if (standing.paused) return standing;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

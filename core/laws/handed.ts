import { assert } from '../assert.ts';
import type { Call } from '../collect.ts';
import { digestState } from '../state.ts';
import type { Happened } from './member.ts';
import type { Subject } from './subject.ts';
import { run } from './world.ts';

interface Handed {
  readonly what: unknown;
  readonly digest: string;
  readonly step: number;
  readonly type: string;
}

/** How many of the latest are looked at after each event; all are at the end. */
const WINDOW = 100;

/** What is handed over is carried by reference: neither who made it nor who received it changes it afterwards. */
export function leavesAlone<M, C>(subject: Subject<M, C>, seed: number): void {
  const handed: Handed[] = [];
  const assertUnchanged = ({ what, digest, step, type }: Handed): void =>
    assert(digestState(what).hex() === digest, () => `what was handed over in event ${step} by ${type} was changed afterwards`);
  run(subject, seed, {
    after(_, { step, calls }: Happened) {
      handed.slice(-WINDOW).forEach(assertUnchanged);
      for (const call of calls) {
        const what = handedOver(call);
        if (what !== undefined) handed.push({ what, digest: digestState(what).hex(), step, type: call.type });
      }
    },
  });
  handed.forEach(assertUnchanged);
}

function handedOver(call: Call): unknown {
  switch (call.type) {
    case 'send':
    case 'transmit':
      return call.message;
    case 'append':
      return call.record;
    case 'replace':
      return call.records;
    case 'reply':
      return call.result;
    case 'announce':
      return call.notice;
    default:
      return undefined;
  }
}

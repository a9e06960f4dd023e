import type { Mutant } from '../mutant.ts';
import { type Duration, ZERO } from '../time.ts';
import type { LamportTime } from './lamport.ts';
import type { SerfRules } from './rules.ts';

const LARGEST = Number.MAX_SAFE_INTEGER - 1;

/** Bugs that the properties must notice; those of released versions name where they were mended or reported. */
export const serfMutants: readonly Mutant<SerfRules>[] = [
  {
    name: 'a departure told in an exchange is as old as the join',
    bug: 'Those who left are told of with the time of their join, which is no news. Takes a departure that somebody misses. serf#510.',
    rules: { replayedLeaveTime: (claimed) => Math.max(0, claimed - 1) as LamportTime },
    noticedBy: 'Left stays left',
  },
  {
    name: 'a clock at nought wraps',
    bug: 'The time before a clock’s is used also where there is none. Takes a peer that has heard of nothing. serf 190d8c6.',
    rules: { witnessedInMerge: (peer) => (peer > 0 ? peer - 1 : LARGEST) as LamportTime },
    noticedBy: 'Clocks stay together',
  },
  {
    name: 'leaves and is gone',
    bug: 'An agent ends as soon as its departure went out, and those who hear of it late take it for failed. Takes late news. serf#510.',
    rules: { propagationDelay: () => ZERO },
    noticedBy: 'Who leaves stays for a while',
  },
  {
    name: 'lets stand that it leaves',
    bug: 'A living member that is said to have left does not contradict. Takes a force-leave. serf#359.',
    rules: { refutesLeave: () => false },
    noticedBy: 'Every intent comes to what it must',
  },
  {
    name: 'every loss is a failure',
    bug: 'A member that said that it leaves is failed all the same. Takes a departure.',
    rules: { afterLoss: (status) => (status === 'alive' || status === 'leaving' ? 'failed' : undefined) },
    noticedBy: 'Statuses change as they may',
  },
  {
    name: 'nobody returns from leaving',
    bug: 'A join intent does not end leaving. Takes a force-leave.',
    rules: { afterJoinIntent: (status) => status },
    noticedBy: 'Every intent comes to what it must',
  },
  {
    name: 'does not witness',
    bug: 'What is heard moves no clock. Takes two who speak one after another.',
    rules: { witness: (clock) => clock },
    noticedBy: 'What is remembered has met the clock',
  },
  {
    name: 'old events are new',
    bug: 'What is older than the window of what is remembered is told again. Takes more events than are remembered.',
    rules: { isTooOld: () => false },
    noticedBy: 'User events are told once',
  },
  {
    name: 'erases at once',
    bug: 'A failed member is erased with the next look. Takes a crash.',
    rules: { isReaped: () => true },
    noticedBy: 'Reap window',
  },
  {
    name: 'dials nobody',
    bug: 'Failed members are not dialled. Takes a crash and a return.',
    rules: { attemptsReconnect: () => false },
    noticedBy: 'Healing',
  },
  {
    name: 'queries close at once',
    bug: 'A query is open for less than gossip takes. Takes a query.',
    rules: { queryTimeout: (interval) => (interval / 4) as Duration },
    noticedBy: 'Query coverage',
  },
];

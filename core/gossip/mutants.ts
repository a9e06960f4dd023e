import type { Mutant } from '../mutant.ts';
import type { Duration } from '../time.ts';
import type { Quirks } from './quirks.ts';
import { type GossipRules, isForgotten, mayGossipTo } from './rules.ts';
import { DEAD, isLive, LEFT } from './status.ts';

/** A bug of memberlist put back into the repaired profile: a rule swapped, or an oddity switched on again. */
export interface GossipMutant extends Mutant<GossipRules> {
  readonly quirks?: Partial<Quirks>;
}

/** Bugs that the properties must notice; those of released versions name where they were mended or reported. */
export const gossipMutants: readonly GossipMutant[] = [
  {
    name: 'late evidence is dropped',
    bug: 'Evidence against a dead member does not raise its incarnation, and an alive between the two revives it. Takes a repeated alive around a crash. al8n/memberlist#197.',
    rules: {},
    quirks: { staleAliveRevives: true },
    noticedBy: 'Evidence stands',
  },
  {
    name: 'an outdated alive is not answered',
    bug: 'Who knows that a restarted member was dead at a higher incarnation ignores it, and those who would tell it never heard of it. Takes restarts of several. memberlist#311.',
    rules: {},
    quirks: { staleAliveUnanswered: true },
    noticedBy: 'Agreement after restarts',
  },
  {
    name: 'an alive about oneself is ignored',
    bug: 'A restarted member lets stand what is said of its last life. Takes a restart after some refutations. memberlist 2c6c7d7.',
    rules: { aliveAboutSelfCounts: (held, arriving) => arriving === held || arriving === held + 1 },
    noticedBy: 'Refutation beats accusation',
  },
  {
    name: 'any alive clears a suspicion',
    bug: 'The timer is cancelled before the incarnations are compared. Takes a repeated alive and a crash. memberlist b63166c.',
    rules: { aliveClearsSuspicion: () => true },
    noticedBy: 'Every suspect has its timer',
  },
  {
    name: 'confirmations are kept to oneself',
    bug: 'A second accusation is counted and not gossiped on, so that nobody ever hears of enough. Takes a crash that three notice. memberlist 51c744a.',
    rules: { confirmationIsPassedOn: () => false },
    noticedBy: 'Confirmations shorten',
  },
  {
    name: 'refutes one step at a time',
    bug: 'A refutation is the next own incarnation, however far above the accusation is. Takes a restart after some refutations. memberlist a6d9aeb.',
    rules: { refutation: (next) => next },
    noticedBy: 'Refutation beats accusation',
  },
  {
    name: 'misses the only helper',
    bug: 'Random members are drawn with replacement even from a short list. Takes a lost ping among few. memberlist 8c0d992.',
    rules: {},
    quirks: { kChoiceSampling: true },
    noticedBy: 'All helpers there are are asked',
  },
  {
    name: 'tells the dead nothing',
    bug: 'Gossip goes to the living only, so that a member that was cut off never hears of its death. Takes a cut. memberlist 9714d97.',
    rules: { mayGossipTo: (status) => isLive(status) },
    noticedBy: 'Gossip goes to as many as it may',
  },
  {
    name: 'tells the dead for ever',
    bug: 'Gossip to the dead does not end, and costs packets as long as they are remembered. Takes a crash of half a minute.',
    rules: { mayGossipTo: (status, _age, toTheDead) => mayGossipTo(status, 0 as Duration, toTheDead) },
    noticedBy: 'Gossip goes to whom it may concern',
  },
  {
    name: 'more than 255 messages in a packet',
    bug: 'The count of messages wraps, and the packet cannot be read. Takes large packets and hundreds of news at once. memberlist 8d2a27a.',
    rules: {},
    quirks: { compoundUnsplit: true },
    noticedBy: 'Compound count',
  },
  {
    name: 'a refused ping proves nothing',
    bug: 'When the own host refuses to send a ping the probe ends, so that a member whose address is gone is never suspected. Takes a crash that the neighbours’ hosts notice. memberlist 7e2219b.',
    rules: {},
    quirks: { udpErrorEndsProbe: true },
    noticedBy: 'Everybody has a turn',
  },
  {
    name: 'the dead are forgotten at once',
    bug: 'A dead member’s record is dropped with the next renewal of the probe order, and an old alive looks like a newcomer’s. Takes a crash. memberlist 63ef41a.',
    rules: { isForgotten: (status, _age, _toTheDead, leftToo) => isForgotten(status, 1 as Duration, 0 as Duration, leftToo) },
    noticedBy: 'Only the long gone are forgotten',
  },
  {
    name: 'suspects before the helpers answer',
    bug: 'A probe is over when its direct ping is late. Takes a lost ping. DAOS PR #10378.',
    rules: { probeWindow: (_score, interval) => (interval / 5) as Duration },
    noticedBy: 'Probe shape',
  },
  {
    name: 'an equal alive counts',
    bug: 'An alive with the incarnation that is held overrides a suspicion or a death. Takes a rumour that is late.',
    rules: { aliveOverrides: (held, arriving, moved) => moved || arriving >= held },
    noticedBy: 'No resurrection',
  },
  {
    name: 'old accusations count',
    bug: 'A suspect or dead message with a lower incarnation is taken for news, so that a refutation is undone. Takes a repeated accusation.',
    rules: { accusationCounts: () => true },
    noticedBy: 'Incarnation monotone',
  },
  {
    name: 'a state that is merged kills',
    bug: 'A dead record of an exchange of states is taken for a departure and not for a suspicion. Takes a partition.',
    rules: { mergesAs: (status) => (status === DEAD ? LEFT : status) },
    noticedBy: 'An exchange of states kills nobody',
  },
  {
    name: 'an accuser counts again and again',
    bug: 'A confirmation counts whoever it is from. Takes a repeated accusation.',
    rules: {
      confirm: (suspicion, from) => {
        if (suspicion.confirmations >= suspicion.expected) return false;
        suspicion.confirmations++;
        suspicion.seen.push(from);
        return true;
      },
    },
    noticedBy: 'Confirmation algebra',
  },
  {
    name: 'suspects wait for ever',
    bug: 'The first accusation starts the longest suspicion twice over. Takes a crash.',
    rules: { suspicionTimeout: (_confirmations, { max }) => (2 * max) as Duration },
    noticedBy: 'Suspicion window',
  },
  {
    name: 'one packet too many',
    bug: 'The limit of transmissions is compared after one more. Takes any rumour.',
    rules: { transmitLimit: (mult, members) => mult * String(members).length + 1 },
    noticedBy: 'Transmit limit',
  },
  {
    name: 'probes the dead',
    bug: 'The dead have their turn too, so that the living wait longer for theirs. Takes a crash.',
    rules: { mayProbe: (status) => isLive(status) || status === DEAD },
    noticedBy: 'Probe shape',
  },
  {
    name: 'no health',
    bug: 'A node that cannot reach others, or is accused itself, trusts itself as before. Takes a lost ping. memberlist 7003fd4, arXiv 1707.00788.',
    rules: { healthAfter: (score) => score },
    noticedBy: 'A failed probe lowers health by what the helpers did not say',
  },
  {
    name: 'bad health changes nothing',
    bug: 'A node in bad health gives its probes no more time. Takes a failed probe and another. memberlist bfc0d6b, arXiv 1707.00788.',
    rules: { probeWindow: (_score, interval) => interval },
    noticedBy: 'Probe shape',
  },
  {
    name: 'nacks are not waited for',
    bug: 'A failed probe costs one, whatever the helpers said. Takes a failed probe with helpers. arXiv 1707.00788.',
    rules: { failedProbeDelta: () => 1 },
    noticedBy: 'A failed probe lowers health by what the helpers did not say',
  },
];

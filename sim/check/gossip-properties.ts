import { watched } from './agent-watch.ts';
import { gossips } from './commands.ts';
import type { Property } from './property.ts';

const always = (says: string, property: string): Property => watched(says, property, gossips);

/** What memberlist is held to at every step, in agents of Serf and Consul. */
export const GOSSIP_PROPERTIES = {
  IncarnationMonotone: always(
    'What an agent knows as a member’s incarnation never falls while it remembers the member, at one address.',
    'Incarnation monotone',
  ),
  NoResurrection: always(
    'A member that was declared dead or left is alive again only with a higher incarnation, at another address, or after it was forgotten.',
    'No resurrection',
  ),
  NoSelfDoubt: always(
    'An agent holds itself for alive, or for left after it has left; never for suspect or dead.',
    'No self-doubt',
  ),
  OnlyOwnerRaises: always(
    'No agent knows or says a higher incarnation of a member than the member ever gave itself.',
    'Only owner raises',
  ),
  HealthRange: always('The local health score stays from 0 to one less than the multiplier, 7 by default.', 'Health range'),
  RefutationBeatsAccusation: always(
    'Whoever is told something wrong of itself says the opposite with a higher incarnation, unless it leaves.',
    'Refutation beats accusation',
  ),
  EvidenceStands: always(
    'No alive overrides an accusation with the same or a higher incarnation that came before it.',
    'Evidence stands',
  ),
  ClaimsDecide: always(
    'What is said of a member comes to what the order of claims says (SWIM §4.2), by its incarnation and what was held before.',
    'Every claim comes to what it must',
  ),
  NewsPassedOn: always('Who learns that a member is in another state queues that for the others.', 'What is news is passed on'),
  PingsAnswered: always(
    'Every ping is answered by whom it is for, and by nobody else.',
    'Every ping is answered by whom it is for',
  ),
  StreamPingsAnswered: always(
    'Every ping over TCP is answered by whom it is for, and by nobody else.',
    'A ping over TCP is answered by whom it is for',
  ),
  HelpersHelp: always('Who is asked to ping another does.', 'Who is asked to help does'),
  HelpersAnswer: always(
    'Whoever asks another to ping a third hears of an ack or a nack in time.',
    'Who helps says what comes of it',
  ),
  HelpersPassOn: always('An answer to a ping on behalf of another is passed on.', 'Who helps passes the answer on'),
  ExchangeComplete: always('An exchange of states tells all that is held.', 'An exchange tells all that is held'),
  SuspectWarned: always('A suspect that is probed is told so in the same packet.', 'A suspect that is probed is told so'),
  GossipGoesOn: always('As long as there is something to say, rounds of gossip follow each other.', 'Gossip goes on'),
  ProbingGoesOn: always('As long as another is alive, probes follow each other.', 'Probing goes on'),
  ExchangesGoOn: always('As long as another is alive, exchanges of states follow each other.', 'Exchanges of states go on'),
  MergeKillsNobody: always('An exchange of states makes no living member dead.', 'An exchange of states kills nobody'),
  OnlyLongGoneForgotten: always(
    'A record is dropped when its member has been gone for longer than the dead are told things.',
    'Only the long gone are forgotten',
  ),
  OneRecordPerName: always('The list has everybody once, with a record.', 'One record per name'),
  SuspicionWindow: always(
    'A suspicion lasts exactly as long as its confirmations say, by the size of the cluster when it began.',
    'Suspicion window',
  ),
  SuspectHasTimer: always('Every suspect has its timer, and nobody else has one.', 'Every suspect has its timer'),
  ConfirmationsCounted: always('No accuser counts twice, nor the first, nor more than are waited for.', 'Confirmation algebra'),
  ProbeShape: always(
    'Probes are made one at a time, as long as health says, of nobody who is gone, and given up only at their end.',
    'Probe shape',
  ),
  ProbeAnswered: always('Its own answer ends a probe, no other does, and each nack counts once.', 'Only its answer ends a probe'),
  ProbePace: always(
    'A protocol period that began during a probe is made up for as soon as it ends.',
    'A period that came during a probe is made up for',
  ),
  ProbeOrder: always('Each time around, the others are probed in another random order.', 'Each time around is in another order'),
  NewcomerAnywhere: always('Newcomers are put at a random place of the probe order.', 'A newcomer is put anywhere'),
  EverybodyProbed: always('Among m others, nobody waits for more than 2m − 1 probes.', 'Everybody has a turn'),
  AllHelpersAsked: always(
    'In a short list as many are asked to help with a probe as are wanted, or all there are.',
    'All helpers there are are asked',
  ),
  FailedProbeHealth: always(
    'A failed probe worsens local health by the helpers’ answers that did not come.',
    'A failed probe lowers health by what the helpers did not say',
  ),
  RefutationHealth: always(
    'Every refutation worsens local health, and of what is received nothing else does.',
    'Every refutation lowers health, and nothing else but a failed probe',
  ),
  PacketBudget: always('What goes out together fits the configured size of a packet.', 'Packet budget'),
  CompoundCount: always('No packet has more than 255 messages.', 'Compound count'),
  NewsFirst: always(
    'What was said least goes out first; of that the longest, and of equally long ones the newest.',
    'What was said least goes first',
  ),
  TransmitLimit: always(
    'No rumour goes into more packets than the size of the cluster allows, nor twice into one.',
    'Transmit limit',
  ),
  OneRumourPerName: always('A newer rumour about a member takes the place of an older one.', 'One rumour per name'),
  GossipTargets: always(
    'Gossip goes to the living, and to the dead for a while; not to those who left.',
    'Gossip goes to whom it may concern',
  ),
  GossipFanOut: always(
    'In a short list and with enough to say a round of gossip goes to as many as it may.',
    'Gossip goes to as many as it may',
  ),
} satisfies Record<string, Property>;

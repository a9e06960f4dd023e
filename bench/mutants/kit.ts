import { gossipMutants } from '../../core/gossip/mutants.ts';
import type { Mutant } from '../../core/mutant.ts';
import { raftMutants } from '../../core/raft/mutants.ts';
import { RULES as RAFT } from '../../core/raft/rules.ts';
import { serfMutants } from '../../core/serf/mutants.ts';
import type { Rules } from '../../sim/host/rules.ts';
import type { ArenaName } from './arenas/arenas.ts';

/** A bug that is put into every process of a world: rules swapped, or an oddity of a released version switched on. */
export interface Bug {
  /** Its number in the list of historical bugs, `R1` or `G1`; those beyond it have a plus. */
  readonly id: string;
  readonly name: string;
  /** What is wrong, where it was seen, and what it takes to show. */
  readonly says: string;
  readonly rules: Rules;
  /** Oddities by name; the profile is the repaired one. */
  readonly quirks: Readonly<Record<string, boolean>>;
  /** Where what it breaks runs. */
  readonly arenas: readonly ArenaName[];
}

const STORES: readonly ArenaName[] = ['raft', 'kvd', 'consul'];
const MEMBERS: readonly ArenaName[] = ['gossip', 'agents', 'serf'];
const AGENTS: readonly ArenaName[] = ['agents', 'serf'];
const SERVERS: readonly ArenaName[] = ['consul'];

/** Where the bugs that the cores keep beside them stand in the list of historical ones. */
const NUMBERS: Readonly<Record<string, string>> = {
  'copies of older entries commit': 'R1',
  'the vote is not on disk': 'R2',
  'late votes count': 'R4',
  'votes are counted, not voters': 'R5',
  'half is enough': 'R6',
  'learners keep a lease alive': 'R7',
  'a leader that leaves is a quorum of one': 'R8',
  'configurations change before the term is ready': 'R9',
  'outsiders vote': 'R10',
  'learners campaign': 'R11',
  'a pre-vote is taken for a leader': 'R13',
  'pre-candidates keep their leader': 'R14',
  'outdated requests for votes are ignored': 'R15',
  'nobody is loyal': 'R16',
  'a late append cuts the log': 'R17',
  'the commit index falls': 'R18',
  'an empty append for a snapshot': 'R19',
  'a snapshot lowers the term': 'R20',
  'a snapshot without its data': 'R21',
  'reads before the term is ready': 'R22',
  'a leader reads without asking': 'R23',
  'a lease lasts too long': 'R24',
  'a failed transfer is never over': 'R26a',
  'proposals during a transfer': 'R26b',
  'clients keep a dead leader alive': 'R27a',
  'a leader grants pre-votes': 'R28',
  'late evidence is dropped': 'G1',
  'an outdated alive is not answered': 'G2',
  'an alive about oneself is ignored': 'G3',
  'any alive clears a suspicion': 'G4',
  'confirmations are kept to oneself': 'G5',
  'refutes one step at a time': 'G6',
  'misses the only helper': 'G7',
  'tells the dead nothing': 'G8',
  'more than 255 messages in a packet': 'G9',
  'a refused ping proves nothing': 'G10',
  'the dead are forgotten at once': 'G11',
  'suspects before the helpers answer': 'G12',
  'a departure told in an exchange is as old as the join': 'G13',
  'a clock at nought wraps': 'G14',
  'leaves and is gone': 'G15',
  'lets stand that it leaves': 'G16',
};

function listed<R>(
  mutant: Mutant<R> & { readonly quirks?: object },
  rules: Rules,
  arenas: readonly ArenaName[],
  plus: string,
): Bug {
  const { name, bug: says, quirks = {} } = mutant;
  return { id: NUMBERS[name] ?? plus, name, says, rules, quirks: quirks as Bug['quirks'], arenas };
}

const more = (id: string, name: string, says: string, rules: Rules, arenas: readonly ArenaName[], quirks = {}): Bug => ({
  id,
  name,
  says,
  rules,
  quirks,
  arenas,
});

/** Those that no core keeps beside it, as its own tests have no world that shows them. */
const MORE: readonly Bug[] = [
  more(
    'R12',
    'a vote does not put the own candidacy off',
    'Who grants a vote challenges the new leader at once (HashiCorp Raft 30f065a). Takes elections.',
    { raft: { grantRestartsTimer: () => false } },
    STORES,
  ),
  more(
    'R25',
    'a leader whose disk stands still leads on',
    'It goes on sending heartbeats, so that nothing is committed and nobody is elected (HashiCorp Raft 666). Takes a stalled disk.',
    { raft: { isDiskStalled: () => false } },
    STORES,
  ),
  more(
    'R27b',
    'the election timer is not set again',
    'A timer that rings before its time, as the leader was heard, is the last (HashiCorp Raft 4c81de3). Takes a leader that crashes.',
    { raft: { looksForLeaderAgain: () => false } },
    STORES,
  ),
  more(
    'R27c',
    'all wait equally long',
    'Servers share a sequence of random numbers, and split their votes for ever (HashiCorp Raft 50). Takes a leader that crashes.',
    { raft: { electionWait: (_fraction, spread) => RAFT.electionWait(0.5, spread) } },
    STORES,
  ),
  more(
    'G17',
    'a snapshot is renamed before it is on the disk',
    'The list of members to join again is lost in a power cut (serf a449488). Takes a crash while the snapshot is written anew, which is done here after each kilobyte.',
    { serf: { syncsCompaction: () => false, isCompacted: (bytes) => bytes > 1024 } },
    AGENTS,
  ),
  more(
    'G18',
    'no Lifeguard',
    'A slow node accuses healthy ones and takes no notice of what they answer (arXiv 1707.00788). Takes a slow host.',
    {},
    MEMBERS,
    { noLifeguard: true },
  ),
  more(
    'G19',
    'a server alone does not campaign',
    'When all servers have left and come back nobody may lead (Consul 993, 750, 454). Takes the departure of all.',
    { raft: { mayCampaign: (name, at, leaving) => at.active.voters.length > 1 && RAFT.mayCampaign(name, at, leaving) } },
    SERVERS,
  ),
  more(
    'G20',
    'who has left stays a peer',
    'A server that has left is not removed from the configuration, and the leader goes on contacting it (Consul 1045). Takes a departure.',
    { consul: { departureOf: () => [] } },
    SERVERS,
  ),
];

const ALL: readonly Bug[] = [
  ...raftMutants
    .filter(({ isEquivalent }) => isEquivalent !== true)
    .map((mutant) => listed(mutant, { raft: mutant.rules }, STORES, 'R+')),
  ...gossipMutants.map((mutant) => listed(mutant, { gossip: mutant.rules }, MEMBERS, 'G+')),
  ...serfMutants.map((mutant) => listed(mutant, { serf: mutant.rules }, AGENTS, 'G+')),
  ...MORE,
];

/** `R2` before `R10`, `R26a` before `R26b`, and those beyond the list last. */
const rank = ({ id }: Bug): string =>
  `${id.charAt(0) === 'R' ? 0 : 1}${id.includes('+') ? '99' : id.slice(1).replace(/^\d+/, (n) => n.padStart(2, '0'))}`;

/** All bugs, in the order of the list. */
export const BUGS: readonly Bug[] = ALL.toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));

/** Historical bugs that are not put back, and why not. */
export const UNMADE: readonly { readonly id: string; readonly name: string; readonly why: string }[] = [
  {
    id: 'R3',
    name: 'term and vote in two records',
    why: 'Equivalent: nothing is promised before the second record is on the disk, and a term without a vote has promised nothing.',
  },
  {
    id: 'R26c',
    name: 'a request to a candidate is never answered',
    why: 'There is no decision to swap: whoever does not lead answers at the one place where proposals come in.',
  },
  {
    id: 'R26d',
    name: 'an append during the candidacy of a transfer demotes it',
    why: 'Equivalent: who is told to campaign is in the next term at once, and an append of the term before counts no more.',
  },
];

/** A few of each kind that are noticed soon. */
export const QUICK: readonly string[] = ['R2', 'R6', 'R11', 'R17', 'R18', 'R19', 'R21', 'G6', 'G12', 'G16'];

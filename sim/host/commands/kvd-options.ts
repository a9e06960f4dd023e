import type { RaftConfig } from '../../../core/raft/config.ts';
import { raftMutants } from '../../../core/raft/mutants.ts';
import { PROFILES, problems, type RaftProfile } from '../../../core/raft/profiles.ts';
import { type RaftRules, RULES } from '../../../core/raft/rules.ts';
import { choiceOf, durationOf, type Peer, readPeer } from './kv-flags.ts';
import type { Complain } from './options.ts';
import type { Argument } from './registry.ts';
import { type FlagTable, readFlags } from './serf-flags.ts';

const KVD: FlagTable = {
  command: 'kvd',
  flags: {
    name: 'text',
    peers: 'text',
    bootstrap: 'switch',
    voters: 'text',
    profile: 'text',
    'election-timeout': 'text',
    'election-spread': 'text',
    heartbeat: 'text',
    'pre-vote': 'switch',
    stickiness: 'text',
    'check-quorum': 'text',
    'max-entries': 'count',
    term: 'count',
    terms: 'text',
    'snapshot-threshold': 'count',
    'snapshot-trailing': 'count',
    'disk-patience': 'text',
    forward: 'text',
    quiesce: 'switch',
    'max-proposal': 'count',
    bug: 'text',
  },
};

/** The flags by which timers go wrong, the likeliest first. */
const TIMERS = [
  'heartbeat',
  'election-timeout',
  'election-spread',
  'check-quorum',
  'pre-vote',
  'stickiness',
  'quiesce',
  'profile',
] as const;

/** What `kvd` was told. */
export interface KvdOptions {
  /** Its name in the cluster; that of the host when absent. */
  readonly name: string | undefined;
  /** All servers of the cluster, itself included. */
  readonly peers: readonly Peer[];
  /** Whether an empty disk begins with `voters`. */
  readonly bootstrap: boolean;
  /** Those of `peers` that vote from the start; all of them unless said otherwise. */
  readonly voters: readonly Peer[];
  readonly config: RaftConfig;
  /** The terms of the entries that an empty disk begins with, for a world that starts in the middle of a story; and the term that was reached. */
  readonly past: { readonly terms: readonly number[]; readonly term: number } | undefined;
  /** Where its timers are given: what is wrong with them is told there. */
  readonly timers: Argument;
  /** Its rules, with those of a bug in place of the right ones. */
  readonly rules: RaftRules;
}

/** Reads the words after `kvd`, and says what is wrong with them. */
export function readServer(args: readonly Argument[], complain: Complain): KvdOptions {
  const flags = readFlags(KVD, args, complain);
  for (const extra of flags.operands) complain(extra, `\`kvd\` takes flags only, not \`${extra.text}\``);
  const list = flags.words('peers').at(-1);
  if (list === undefined) complain(args.at(-1) ?? NOWHERE, '`kvd` needs its cluster: -peers=n1=10.0.0.1,n2=10.0.0.2');
  const peers = (list?.exact === true ? list.text.split(',') : []).flatMap((text) => {
    const peer = readPeer(text);
    if (peer === undefined) complain(list as Argument, `\`${text}\` is no server such as n1=10.0.0.1`);
    return peer === undefined ? [] : [peer];
  });
  const twice = peers.find(({ name }, i) => peers.findIndex((other) => other.name === name) < i);
  if (twice !== undefined) complain(list as Argument, `two servers are called ${twice.name}`);

  const chosen = flags.words('voters').at(-1);
  const first = chosen?.exact === true ? chosen.text.split(',') : peers.map((peer) => peer.name);
  const stranger = first.find((each) => !peers.some((peer) => peer.name === each));
  if (chosen !== undefined && stranger !== undefined && peers.length > 0) complain(chosen, `${stranger} is not among -peers`);
  const voters = peers.filter((peer) => first.includes(peer.name));

  const profile = choiceOf(flags, 'profile', Object.keys(PROFILES) as RaftProfile[], complain) ?? 'partita';
  const electionTimeout = durationOf(flags, 'election-timeout', complain);
  const electionSpread = durationOf(flags, 'election-spread', complain);
  const maxEntries = flags.count('max-entries');
  const heartbeatInterval = durationOf(flags, 'heartbeat', complain);
  const stickiness = choiceOf(flags, 'stickiness', ['window', 'known', 'named', 'off'], complain);
  const checkQuorum = choiceOf(flags, 'check-quorum', ['sliding', 'windows', 'lease', 'off'], complain);
  const diskPatience = durationOf(flags, 'disk-patience', complain);
  const forwarding = choiceOf(flags, 'forward', ['none', 'repeatable', 'all'], complain);
  const maxProposalBytes = flags.count('max-proposal');
  const bug = choiceOf(
    flags,
    'bug',
    raftMutants.map((mutant) => mutant.name),
    complain,
  );
  const snapshotThreshold = flags.count('snapshot-threshold');
  const snapshotTrailing = flags.count('snapshot-trailing');
  const base = PROFILES[profile];
  const config: RaftConfig = {
    ...base,
    ...(electionTimeout === undefined
      ? {}
      : { electionTimeout, electionSpread: electionTimeout, candidateTimeout: electionTimeout }),
    ...(electionSpread === undefined ? {} : { electionSpread }),
    ...(maxEntries === undefined ? {} : { maxEntries: Math.max(1, maxEntries) }),
    ...(heartbeatInterval === undefined ? {} : { heartbeatInterval }),
    ...(flags.text('pre-vote') === undefined ? {} : { preVote: flags.has('pre-vote') }),
    ...(stickiness === undefined ? {} : { stickiness }),
    ...(checkQuorum === undefined ? {} : { checkQuorum }),
    ...(diskPatience === undefined ? {} : { diskPatience }),
    ...(forwarding === undefined ? {} : { forwarding }),
    ...(flags.text('quiesce') === undefined ? {} : { quiescence: flags.has('quiesce') }),
    ...(maxProposalBytes === undefined ? {} : { maxProposalBytes }),
    ...(snapshotThreshold === undefined ? {} : { snapshotThreshold }),
    ...(snapshotTrailing === undefined ? {} : { snapshotTrailing }),
  };
  // What rests on voters that stay loyal is not offered when they need not.
  const safe = config.stickiness === 'window' && config.checkQuorum !== 'off' ? config : { ...config, leaseReads: false };
  const timers = TIMERS.map((flag) => flags.words(flag).at(-1)).find((word) => word !== undefined) ?? args[0] ?? NOWHERE;
  for (const problem of problems(safe)) complain(timers, problem);
  const terms = termsOf(flags.words('terms').at(-1), complain);
  const term = flags.count('term') ?? 0;
  const past = terms === undefined && term === 0 ? undefined : { terms: terms ?? [1], term };
  const bootstrap = flags.text('bootstrap') === undefined || flags.has('bootstrap');
  const rules = { ...RULES, ...raftMutants.find((mutant) => mutant.name === bug)?.rules };
  return { name: flags.text('name'), peers, bootstrap, voters, config: safe, past, timers, rules };
}

/** Terms in the order of a log: from 1, and never falling. */
function termsOf(list: Argument | undefined, complain: Complain): readonly number[] | undefined {
  if (list === undefined || !list.exact) return undefined;
  const terms = list.text.split(',').map(Number);
  const isLog = terms[0] === 1 && terms.every((term, i) => Number.isSafeInteger(term) && term >= (terms[i - 1] ?? 1));
  if (!isLog) complain(list, `\`${list.text}\` is no log such as 1,1,2,4: terms begin with 1 and never fall`);
  return isLog ? terms : undefined;
}

const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };

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
    profile: 'text',
    'election-timeout': 'text',
    heartbeat: 'text',
    'pre-vote': 'switch',
    stickiness: 'text',
    'check-quorum': 'text',
    'snapshot-threshold': 'count',
    'snapshot-trailing': 'count',
    'disk-patience': 'text',
    bug: 'text',
  },
};

/** What `kvd` was told. */
export interface KvdOptions {
  /** Its name in the cluster; that of the host when absent. */
  readonly name: string | undefined;
  /** All servers of the cluster, itself included. */
  readonly peers: readonly Peer[];
  /** Whether an empty disk begins with all of `peers` as voters. */
  readonly bootstrap: boolean;
  readonly config: RaftConfig;
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

  const profile = choiceOf(flags, 'profile', Object.keys(PROFILES) as RaftProfile[], complain) ?? 'partita';
  const electionTimeout = durationOf(flags, 'election-timeout', complain);
  const heartbeatInterval = durationOf(flags, 'heartbeat', complain);
  const stickiness = choiceOf(flags, 'stickiness', ['window', 'known', 'named', 'off'], complain);
  const checkQuorum = choiceOf(flags, 'check-quorum', ['sliding', 'windows', 'lease', 'off'], complain);
  const diskPatience = durationOf(flags, 'disk-patience', complain);
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
    ...(heartbeatInterval === undefined ? {} : { heartbeatInterval }),
    ...(flags.text('pre-vote') === undefined ? {} : { preVote: flags.has('pre-vote') }),
    ...(stickiness === undefined ? {} : { stickiness }),
    ...(checkQuorum === undefined ? {} : { checkQuorum }),
    ...(diskPatience === undefined ? {} : { diskPatience }),
    ...(snapshotThreshold === undefined ? {} : { snapshotThreshold }),
    ...(snapshotTrailing === undefined ? {} : { snapshotTrailing }),
  };
  // What rests on voters that stay loyal is not offered when they need not.
  const safe = config.stickiness === 'window' && config.checkQuorum !== 'off' ? config : { ...config, leaseReads: false };
  for (const problem of problems(safe)) complain(args[0] ?? NOWHERE, problem);
  const bootstrap = flags.text('bootstrap') === undefined || flags.has('bootstrap');
  const rules = { ...RULES, ...raftMutants.find((mutant) => mutant.name === bug)?.rules };
  return { name: flags.text('name'), peers, bootstrap, config: safe, rules };
}

const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };

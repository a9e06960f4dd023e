import { membersOf, type Server } from '../../../core/raft/configuration.ts';
import { info } from '../../../core/serf/reports.ts';
import { between, formatDuration, type Instant } from '../../../core/time.ts';
import type { ConsulAgent } from './consul-program.ts';
import type { Sections } from './consul-request.ts';
import { serfFigures } from './serf-figures.ts';

/** What `consul info` tells: figures for operators, in alphabetical order. */
export function infoSections({ own, setup }: ConsulAgent, now: Instant): Sections {
  const { server: found, serf, names } = own;
  const serfSection = ['serf_lan', Object.entries(serfFigures(info(serf)))] as const;
  if (found === undefined) return [['consul', pairs({ known_servers: aliveServers(own), server: false })], serfSection];
  const { raft, consul } = found;
  const status = raft.status();
  const { config } = status;
  const leader = membersOf(config).find(({ name }) => name === status.leader);
  const isMember = membersOf(config).some(({ name }) => name === consul.self.name);
  const server = (suffrage: string) => (each: Server) =>
    `{Suffrage:${suffrage} ID:${names.text(each.name)} Address:${consul.where(each.endpoint)}}`;
  const listed = [...config.voters.map(server('Voter')), ...config.learners.map(server('Nonvoter'))].join(' ');
  const contact = status.lastContact === undefined ? 'never' : formatDuration(between(status.lastContact, now));
  return [
    [
      'consul',
      pairs({
        bootstrap: setup.config.bootstrap,
        known_datacenters: 1,
        leader: status.role === 'leader',
        leader_addr: leader === undefined ? '' : consul.where(leader.endpoint),
        server: true,
      }),
    ],
    [
      'raft',
      pairs({
        applied_index: status.appliedIndex,
        commit_index: status.commitIndex,
        fsm_pending: 0,
        last_contact: status.role === 'leader' ? 0 : contact,
        last_log_index: status.lastIndex,
        last_log_term: status.lastTerm,
        last_snapshot_index: status.snapshotIndex,
        last_snapshot_term: raft.state.snapshot?.term ?? 0,
        latest_configuration: `[${listed}]`,
        latest_configuration_index: status.configIndex,
        num_peers: config.voters.length - (isMember ? 1 : 0),
        protocol_version: 3,
        state: STATES[status.role],
        term: status.term,
      }),
    ],
    serfSection,
  ];
}

/** How many servers gossip knows that live. */
const aliveServers = ({ consul }: ConsulAgent['own']): number =>
  consul.servers().filter(({ status }) => status === 'alive').length;

const pairs = (values: Readonly<Record<string, string | number | boolean>>): (readonly [string, string])[] =>
  Object.entries(values).map(([key, value]) => [key, String(value)]);

const STATES = {
  follower: 'Follower',
  'pre-candidate': 'Candidate',
  candidate: 'Candidate',
  leader: 'Leader',
  stopped: 'Shutdown',
} as const;

import { KvServer } from '../../../core/kv/server.ts';
import type { Endpoint, NameId } from '../../../core/names.ts';
import type { Part, Protocol } from '../../../core/protocol.ts';
import { PROFILES, warnings } from '../../../core/raft/profiles.ts';
import { configuration, type Past, Raft, type RaftNotice } from '../../../core/raft/raft.ts';
import { type Duration, ZERO } from '../../../core/time.ts';
import type { HostView, ProcessApi, Program } from '../program.ts';
import { RELEASED, type Rules } from '../rules.ts';
import { KV_PORT, RAFT_PORT } from './kv-flags.ts';
import { readServer } from './kvd-options.ts';
import { exactly } from './options.ts';
import type { RaftRequest } from './raft-request.ts';
import { becomesProgram, type Command, ended } from './registry.ts';

/** What is said of the profiles as they are. */
const OF_PROFILES = Object.values(PROFILES).flatMap((config) => warnings(config, { latency: ZERO, write: ZERO }));

const PARTS = { raft: 0 as Part, kv: 1 as Part };

/** What was written in these terms: after the first entry, which is the configuration, the noop of each leader and then its clients' writes. */
const entriesOf = (terms: readonly number[]): readonly Past[] =>
  terms.slice(1).map((term, i): Past => {
    if (term !== terms[i]) return { term, content: { type: 'noop' } };
    const payload = { type: 'append', key: 'log', value: ` ${i + 2}/${term}` };
    return { term, content: { type: 'command', payload, session: undefined } };
  });

/**
 * `kvd`: one server of a replicated store of keys and values on Raft. No real tool: it shows Raft and nothing else, to clients that are
 * equally plain (`kv`) and to an operator (`raft`).
 */
export const kvdWith = (rules: Rules): Command => ({
  name: 'kvd',

  check(args, context) {
    const { name, peers, config, timers } = readServer(args, (at, says) => context.problem(at, says));
    // The profiles are what they are; and who leaves nothing to chance by a narrow spread knows that.
    const { latency = ZERO } = context.host;
    const spread = { ...config, electionSpread: Math.max(config.electionSpread, latency) as Duration };
    for (const warning of warnings(spread, { latency, write: ZERO }))
      if (!OF_PROFILES.includes(warning)) context.warn(timers, warning);
    const own = name ?? context.host.name;
    if (peers.length > 0 && !peers.some((peer) => peer.name === own)) {
      const first = args[0];
      if (first !== undefined) context.problem(first, `${own} is not among -peers; name it with -name, or list it`);
    }
  },

  start(words, tool) {
    const problems: string[] = [];
    readServer(exactly(words), (_, says) => problems.push(says));
    for (const problem of problems) tool.complain(`kvd: ${problem}`);
    return problems.length > 0 ? ended(1) : becomesProgram;
  },

  program: (words, host) => makeServer(words, host, rules),
});

export const kvd = kvdWith(RELEASED);

function makeServer(words: readonly string[], host: HostView, swapped: Rules): Program {
  const { name = host.name, peers, bootstrap, voters, config, past, rules } = readServer(exactly(words), () => undefined);
  const { names } = host;
  const servers = peers.map((peer) => ({ name: names.id(peer.name), endpoint: names.endpoint(peer.address, RAFT_PORT) }));
  const directory = new Map<NameId, Endpoint>(peers.map((peer) => [names.id(peer.name), names.endpoint(peer.address, KV_PORT)]));
  const first = voters.map((peer) => names.id(peer.name));
  const own = names.id(name);
  const self = servers.find((server) => server.name === own) ?? { name: own, endpoint: names.endpoint(0 as never, RAFT_PORT) };
  const store = new KvServer({ self: own, names, part: PARTS.kv, consensusPart: PARTS.raft, directory });
  const raft = new Raft({
    self,
    config,
    names,
    random: host.random('raft'),
    machine: store,
    rules: { ...rules, ...swapped.raft },
    ...(bootstrap ? { bootstrap: configuration({ voters: servers.filter((server) => first.includes(server.name)) }) } : {}),
    ...(past === undefined ? {} : { history: { entries: entriesOf(past.terms), term: past.term } }),
  });
  raft.observer = store;
  store.consensus = raft;
  const say = (process: ProcessApi, text: string) => process.print(`${process.wallClock()} ${text}`);
  return {
    name: 'kvd',
    parts: [
      {
        name: 'raft',
        protocol: raft as Protocol<never, never>,
        sockets: [{ transport: config.transport, port: RAFT_PORT }],
      },
      { name: 'kv', protocol: store as Protocol<never, never>, sockets: [{ transport: 'message', port: KV_PORT }] },
    ],
    started: (process) => {
      say(process, `kvd: ${name} is running`);
      // Of the network and the disk it knows nothing.
      for (const warning of warnings(config, { latency: ZERO, write: ZERO })) say(process, `[WARN] raft: ${warning}`);
    },
    notice(_part, notice, process) {
      const said = notice as RaftNotice;
      if (said.type === 'raft-leader') say(process, `raft: ${names.text(said.leader)} leads in term ${said.term}`);
      else if (said.type === 'raft-leader-lost') say(process, `raft: no leader in term ${said.term}`);
      else if (said.type === 'raft-stopped') process.end(1); // it has logged why
    },
    log: (line, process) => say(process, line),
    request: (id, request, process) => process.command(PARTS.raft, id, (request as RaftRequest).command),
  };
}

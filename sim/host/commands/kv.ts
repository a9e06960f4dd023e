import { KvClient } from '../../../core/kv/client.ts';
import type { KvNotice } from '../../../core/kv/interface.ts';
import type { Outcome } from '../../../core/kv/operation.ts';
import type { Protocol } from '../../../core/protocol.ts';
import { type Duration, formatDuration } from '../../../core/time.ts';
import type { HostView, ProcessApi, Program } from '../program.ts';
import { KV_PORT } from './kv-flags.ts';
import { type KvOptions, readClient } from './kv-options.ts';
import { exactly } from './options.ts';
import { becomesProgram, type Command, ended } from './registry.ts';

/** `kv`: clients of the store that `kvd` serves: one operation, or with `kv load` many of them by several clients at once. */
export const kv: Command = {
  name: 'kv',

  check(args, context) {
    readClient(args, (at, says) => context.problem(at, says));
  },

  start(words, tool) {
    const problems: string[] = [];
    readClient(exactly(words), (_, says) => problems.push(says));
    for (const problem of problems) tool.complain(`kv: ${problem}`);
    return problems.length > 0 ? ended(1) : becomesProgram;
  },

  program: (words, host) => makeClient(readClient(exactly(words), () => undefined) as KvOptions, host),
};

function makeClient(options: KvOptions, host: HostView): Program {
  const { names } = host;
  const { clients, workload } = options;
  const isScript = workload.type === 'script';
  const protocol = new KvClient(
    {
      ...options,
      servers: options.servers.map((address) => names.endpoint(address, KV_PORT)),
      clients: Array.from({ length: clients }, (_, i) => names.id(isScript ? host.name : `${host.name}/${i + 1}`)),
    },
    names,
    host.random(isScript ? 'kv' : 'kv load'),
  );
  const state = { status: 0 };
  return {
    name: 'kv',
    parts: [{ name: 'kv-client', protocol: protocol as Protocol<never, never>, sockets: [{ transport: 'message', port: 0 }] }],
    state,
    notice(_part, notice, process) {
      const said = notice as KvNotice;
      if (said.type === 'kv-finished') {
        if (!isScript) process.print(summary(protocol, clients));
        process.end(state.status);
      } else if (isScript && said.type === 'kv-returned') {
        process.print(inWords(said.outcome));
        if (said.outcome === null || said.outcome === false) state.status = 1;
      } else if (isScript && said.type === 'kv-failed') {
        process.print(`kv: ${said.problem}`);
        state.status = 1;
      } else if (said.type === 'kv-unserved') {
        process.print(`kv: no leader within ${formatDuration(options.deadline)}; nothing was done`);
        state.status = 1;
      } else if (isScript && said.type === 'kv-unknown') {
        process.print(`kv: no answer within ${formatDuration(options.deadline)}; nobody knows whether it was done`);
        state.status = 2;
      }
    },
    signal(_signal, process: ProcessApi) {
      if (!isScript) process.print(summary(protocol, clients));
      process.end(isScript ? 130 : 0);
    },
  };
}

const inWords = (outcome: Outcome): string =>
  outcome === null ? 'no such key' : outcome === true ? 'done' : outcome === false ? 'not done' : outcome;

/** `3 clients: 300 operations answered, 1 of unknown outcome; 2.1ms on average, 1.204s at most; 1.19s without any answer` */
function summary({ state }: KvClient, clients: number): string {
  const done = state.clients.reduce((sum, client) => sum + client.done, 0);
  const unknown = state.clients.reduce((sum, client) => sum + client.unknown, 0);
  const average = done === 0 ? 0 : Math.round(state.waited / done);
  const time = (duration: number) => formatDuration((Math.round(duration / 1000) * 1000) as Duration);
  const waits =
    done === 0 ? '' : `; ${time(average)} on average, ${time(state.longest)} at most; ${time(state.gap)} without any answer`;
  return `${clients} clients: ${done} operations answered, ${unknown} of unknown outcome${waits}`;
}

import { formatAddress } from '../../../core/address.ts';
import type { ConsulRequest, RaftServers } from '../../../core/consul/interface.ts';
import { membersOf, type Server } from '../../../core/raft/configuration.ts';
import type { HostView } from '../program.ts';
import type { AgentAnswer, AgentRequest } from './consul-request.ts';
import { type Complain, exactly, readOptions } from './options.ts';
import { type Argument, type Command, ended, type ToolApi, waits } from './registry.ts';

/** Where an agent serves HTTP: on its own host alone. */
const AGENT = /^(?:http:\/\/)?(?:127\.0\.0\.1|localhost):8500(\/[^?]*)(?:\?(.*))?$/;

/** A request of HTTP that an agent knows, and how its answer is written. */
interface Page {
  readonly request: AgentRequest;
  body(answer: Extract<AgentAnswer, { type: 'consul' }>, host: HostView): { readonly status: number; readonly text: string };
}

interface Call {
  readonly words: readonly string[];
}

const OPTIONS = { flags: 'sSf', values: 'Xd' } as const;

/** `curl`, as far as it reaches the HTTP interface of the Consul agent on its host: who leads, who the peers are, and keys. */
export const curl: Command = {
  name: 'curl',

  check(args, { problem }) {
    readCall(args, problem);
  },

  start(words, tool) {
    const problems: string[] = [];
    const page = readCall(exactly(words), (_, says) => problems.push(says))?.page;
    if (page === undefined) {
      for (const each of problems) tool.complain(`curl: ${each}`);
      return ended(2);
    }
    const call: Call = { words };
    if (tool.request('consul', page.request)) return waits(call);
    fail(call, tool, '(7) Failed to connect to 127.0.0.1 port 8500: Connection refused');
    return ended(7);
  },

  answered({ words }: Call, answered: unknown, _last: boolean, tool: ToolApi) {
    const call = readCall(exactly(words), () => undefined);
    const answer = answered as AgentAnswer;
    if (call === undefined || answer.type !== 'consul') return tool.end(1);
    const { status, text } = call.page.body(answer, tool.host);
    if (call.fails && status >= 400) {
      fail({ words }, tool, `(22) The requested URL returned error: ${status}`);
      return tool.end(22);
    }
    tool.write(text);
    tool.end(0);
  },

  disconnected(call: Call, tool: ToolApi) {
    fail(call, tool, '(52) Empty reply from server');
    tool.end(52);
  },
};

/** Says why, unless it is to be silent. */
function fail({ words }: Call, tool: ToolApi, why: string): void {
  const { given } = readOptions('curl', exactly(words), OPTIONS, () => undefined);
  if (!given.has('s') || given.has('S')) tool.complain(`curl: ${why}`);
}

function readCall(args: readonly Argument[], complain: Complain): { readonly page: Page; readonly fails: boolean } | undefined {
  const { given, operands } = readOptions('curl', args, OPTIONS, complain);
  const [url, ...more] = operands;
  for (const extra of more) complain(extra, '`curl` takes one address here');
  if (url === undefined) {
    complain({ text: '', exact: true, line: 1, column: 1 }, '`curl` needs an address: http://127.0.0.1:8500/v1/status/leader');
    return undefined;
  }
  const data = given.get('d')?.text;
  const method = given.get('X')?.text ?? (data === undefined ? 'GET' : 'POST');
  const page = pageOf(url.text, method, data ?? '');
  if (page !== undefined) return { page, fails: given.has('f') };
  if (url.exact) complain(url, `\`${method} ${url.text}\` is not served here: ${SERVED}`);
  return undefined;
}

const SERVED =
  'known are GET 127.0.0.1:8500/v1/status/leader, /v1/status/peers and /v1/kv/KEY?raw (with &stale or &consistent), and PUT and DELETE of /v1/kv/KEY';

function pageOf(url: string, method: string, data: string): Page | undefined {
  const [, path = '', query = ''] = AGENT.exec(url) ?? [];
  if (path === '/v1/status/leader' && method === 'GET') return page({ type: 'configuration' }, true, leaderText);
  if (path === '/v1/status/peers' && method === 'GET') return page({ type: 'configuration' }, true, peersText);
  const key = /^\/v1\/kv\/(.+)$/.exec(path)?.[1];
  if (key === undefined) return undefined;
  const words = query === '' ? [] : query.split('&');
  if (method === 'PUT' && words.length === 0)
    return page({ type: 'kv', operation: { type: 'put', key, value: data } }, false, () => 'true');
  if (method === 'DELETE' && words.length === 0)
    return page({ type: 'kv', operation: { type: 'delete', key } }, false, () => 'true');
  const isKnown = words.every((word) => ['raw', 'stale', 'consistent'].includes(word)) && words.includes('raw');
  const [isStale, isConsistent] = [words.includes('stale'), words.includes('consistent')];
  if (method !== 'GET' || !isKnown || (isStale && isConsistent)) return undefined;
  const operation = { type: 'get', key } as const;
  return page({ type: 'kv', operation, ...(isConsistent ? { consistent: true } : {}) }, isStale, (result) =>
    typeof result === 'string' ? result : undefined,
  );
}

/** @param write what stands on the page; undefined for a page that is not there */
const page = (request: ConsulRequest, stale: boolean, write: (result: unknown, host: HostView) => string | undefined): Page => ({
  request: { type: 'consul', request, stale },
  body({ reply }, host) {
    if (!reply.ok) return { status: 500, text: reply.error };
    const text = write(reply.result, host);
    return text === undefined ? { status: 404, text: '' } : { status: 200, text };
  },
});

const placeOf = ({ endpoint }: Server, { names }: HostView): string =>
  `${formatAddress(names.address(endpoint))}:${names.port(endpoint)}`;

function leaderText(result: unknown, host: HostView): string {
  const { config, leader } = result as RaftServers;
  const found = membersOf(config).find(({ name }) => name === leader);
  return JSON.stringify(found === undefined ? '' : placeOf(found, host));
}

const peersText = (result: unknown, host: HostView): string =>
  JSON.stringify(membersOf((result as RaftServers).config).map((server) => placeOf(server, host)));

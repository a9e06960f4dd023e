import { keyProblem } from '../../../core/gossip/gossip.ts';
import { tagsProblem } from '../../../core/serf/tags.ts';
import { absolute } from '../path.ts';
import type { Argument, CheckContext } from './registry.ts';
import { checkAgentFlags, PROTOCOLS, rpcPlace, TIMINGS, tagsOf } from './serf-agent-options.ts';
import { type AgentConfig, readConfig } from './serf-config.ts';
import { handlerProblem, parseHandlers } from './serf-handler.ts';
import { LEVELS } from './serf-output.ts';
import { parsePlace } from './serf-place.ts';
import { behaviourOf } from './serf-quirks.ts';
import { filesAt } from './serf-setup.ts';

/** What is wrong with the words after `serf agent` and with the files that they name, on this host. */
export function checkAgent(args: readonly Argument[], context: CheckContext): void {
  const { host, problem, warn, script } = context;
  const flags = checkAgentFlags(args, problem);
  for (const word of ['iface', 'mdns-iface'].flatMap((flag) => flags.words(flag))) {
    const known = host.interfaces.map(({ name }) => name);
    if (!word.exact || known.includes(word.text)) continue;
    problem(word, `${host.name} has no interface \`${word.text}\`; it has ${known.length === 0 ? 'none' : known.join(', ')}`);
  }
  for (const word of flags.words('event-handler')) {
    const handlers = word.exact && handlerProblem(word.text) === undefined ? parseHandlers(word.text) : [];
    for (const text of new Set(handlers.map((handler) => handler.script))) script(text, word);
  }
  for (const word of flags.words('encrypt')) {
    if (word.exact && keyProblem(word.text) !== undefined)
      warn(word, `\`${word.text}\` is no key of 16, 24 or 32 bytes in base 64`);
  }
  const tagWords = flags.words('tag');
  const tags = tagsOf(tagWords.map(({ text }) => text));
  const [first] = tagWords;
  if (first !== undefined && typeof tags === 'object' && tagWords.every(({ exact }) => exact)) {
    const tooLong = tagsProblem(Object.entries(tags));
    if (tooLong !== undefined) warn(first, `the agent will not start: ${lowered(tooLong)}`);
  }
  const names = flags.words('config-file').map((word) => (word.exact ? checkFiles(word, context) : UNKNOWN));
  const given = flags.words('node').at(-1);
  const where = given ?? flags.words('config-file').at(-1) ?? args[0] ?? { text: '', exact: true, line: 1, column: 1 };
  const named =
    given === undefined ? names.reduce((earlier, later) => later ?? earlier, undefined) : given.exact ? given.text : UNKNOWN;
  if (named === UNKNOWN) context.claimUnknown(where);
  else context.claim(where, named);
}

/** Of a name that is not known before the run. */
const UNKNOWN = Symbol('unknown');
type Name = string | typeof UNKNOWN | undefined;

/**
 * Configuration files may also be written while the host runs: nothing can be said of those before.
 *
 * @returns the name that they give the agent
 */
function checkFiles(word: Argument, context: CheckContext): Name {
  const { host, warn } = context;
  const directory = `${absolute(word.text)}/`;
  const inside = host.files().flatMap((path) => (path.startsWith(directory) ? [path.slice(directory.length)] : []));
  const names = inside.filter((name) => !name.includes('/')).sort();
  let named: Name;
  for (const path of filesAt(word.text, { list: () => (names.length === 0 ? undefined : names) })) {
    const text = host.file(absolute(path));
    if (text !== undefined) named = checkFile(absolute(path), text, word, context) ?? named;
    else {
      warn(word, `${host.name} has no file ${absolute(path)}; give it under \`files\`, or write it before the agent starts`);
      named = UNKNOWN;
    }
  }
  return named;
}

function checkFile(file: string, text: string, word: Argument, { host, warn, script }: CheckContext): Name {
  const { profile } = behaviourOf(host.behaviour);
  const spot = (at: number) => {
    const before = text.slice(0, at).split('\n');
    return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  };
  const read = readConfig(text, profile === 'serf-0.9');
  if (!read.ok) {
    for (const { at, error, unknown } of read.mistakes) {
      const why = unknown === undefined ? error : `nobody knows the key \`${unknown}\``;
      const comment = /^invalid character '[#/]'/.test(error) ? '; JSON has no comments' : '';
      warn(spot(at), `the agent will not start: ${why}${comment}`);
    }
    return UNKNOWN;
  }
  const { config } = read;
  for (const [key, says] of valueProblems(
    config,
    host.interfaces.map(({ name }) => name),
  )) {
    const at = new RegExp(`"${key}"\\s*:`, 'i').exec(text)?.index ?? 0;
    warn(spot(at), says);
  }
  for (const spec of config.event_handlers ?? []) {
    if (handlerProblem(spec) === undefined)
      for (const each of new Set(parseHandlers(spec).map((handler) => handler.script))) script(each, word);
  }
  return config.node_name;
}

/** Values of which it can be told alone that the agent does not accept them, or not as they stand. */
function valueProblems(config: AgentConfig, interfaces: readonly string[]): readonly (readonly [key: string, says: string])[] {
  const problems: [string, string][] = [];
  const expect = <T>(key: string, value: T | undefined, isGood: (value: T) => boolean, says: (value: T) => string): void => {
    if (value !== undefined && !isGood(value)) problems.push([key, says(value)]);
  };
  const [oldest, newest] = PROTOCOLS;
  const quoted = (value: unknown) => `\`${value}\``;
  expect(
    'profile',
    config.profile,
    (value) => TIMINGS.some((each) => each === value),
    (value) => `no profile is called ${quoted(value)}; known are ${TIMINGS.join(', ')}`,
  );
  expect(
    'log_level',
    config.log_level,
    (value) => LEVELS.includes(value.toUpperCase()),
    (value) => `no level is called ${quoted(value)}; known are ${LEVELS.join(', ')}`,
  );
  expect(
    'protocol',
    config.protocol,
    (value) => value >= oldest && value <= newest,
    (value) => `the protocol has versions from ${oldest} to ${newest}, and no ${value}`,
  );
  expect(
    'bind',
    config.bind,
    (value) => parsePlace(value) !== undefined,
    (value) => `${quoted(value)} is no address such as 10.0.0.1 or 10.0.0.1:7946`,
  );
  expect(
    'advertise',
    config.advertise,
    (value) => parsePlace(value) !== undefined,
    (value) => `${quoted(value)} is no address such as 10.0.0.1 or 10.0.0.1:7946`,
  );
  expect(
    'rpc_addr',
    config.rpc_addr,
    (value) => rpcPlace(value) !== undefined,
    (value) => `${quoted(value)} is no address and port such as 127.0.0.1:7373`,
  );
  expect(
    'interface',
    config.interface,
    (value) => interfaces.includes(value),
    (value) => `there is no interface ${quoted(value)}; there are ${interfaces.join(', ')}`,
  );
  expect(
    'encrypt_key',
    config.encrypt_key,
    (value) => keyProblem(value) === undefined,
    (value) => `${quoted(value)} is no key of 16, 24 or 32 bytes in base 64`,
  );
  expect(
    'tags',
    config.tags,
    (value) => tagsProblem(Object.entries(value)) === undefined,
    () => 'tags have at most 512 bytes together',
  );
  expect(
    'user_event_size_limit',
    config.user_event_size_limit,
    (value) => value <= MOST_LIMIT,
    () => `events have at most ${MOST_LIMIT} bytes`,
  );
  expect(
    'event_handlers',
    config.event_handlers?.map(handlerProblem).find((each) => each !== undefined),
    () => false,
    (value) => value,
  );
  for (const key of [
    'reconnect_interval',
    'reconnect_timeout',
    'tombstone_timeout',
    'retry_interval',
    'broadcast_timeout',
  ] as const) {
    expect(
      key,
      config[key],
      (value) => value > 0,
      () => 'the time is negative',
    );
  }
  expect(
    'tags_file',
    config.tags_file,
    () => Object.keys(config.tags ?? {}).length === 0,
    () => 'an agent has tags of its own or in a file, not both',
  );
  expect(
    'keyring_file',
    config.keyring_file,
    () => config.encrypt_key === undefined,
    () => 'an agent has a key of its own or a keyring, not both',
  );
  return problems;
}

const MOST_LIMIT = 9 * 1024;

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** What `-h` says of a subcommand. */
interface Help {
  /** What comes after the flags. */
  readonly operands?: string;
  readonly says: string;
  /** By flag: what it is given, empty if nothing, and what it is for. */
  readonly flags?: Readonly<Record<string, readonly [value: string, says: string]>>;
}

const ASKING = {
  'rpc-addr': ['ADDRESS', 'where the agent listens, 127.0.0.1:7373 unless said otherwise'],
  'rpc-auth': ['TOKEN', 'the token that the agent wants'],
} as const;

const FORMAT = ['text|json', 'how to print it'] as const;

const AGENT: Help = {
  says: 'Runs an agent, one member of a cluster, until it is interrupted.',
  flags: {
    node: ['NAME', 'its name, that of the host unless given; no two members may have the same'],
    bind: ['ADDRESS', 'where it listens, 0.0.0.0:7946'],
    advertise: ['ADDRESS', 'where others find it, if not there'],
    iface: ['INTERFACE', 'listen on the address of this interface'],
    discover: ['CLUSTER', 'find others of this cluster by multicast DNS'],
    'mdns-iface': ['INTERFACE', 'where to look for them'],
    'mdns-disable-ipv4': ['', 'do not look for them by IPv4'],
    'mdns-disable-ipv6': ['', 'do not look for them by IPv6'],
    join: ['ADDRESS', 'join by this member at the start, or end; may be repeated'],
    'retry-join': ['ADDRESS', 'the same, and try again as long as it fails; may be repeated'],
    'retry-interval': ['TIME', 'how long to wait before that, 30s'],
    'retry-max': ['COUNT', 'how often to try again, 0 for ever'],
    replay: ['', 'hear of user events of before the join'],
    rejoin: ['', 'go back to the members of the snapshot, even after a departure'],
    snapshot: ['FILE', 'keep there who is known and what was heard'],
    profile: ['lan|wan|local', 'the network that times are made for'],
    protocol: ['VERSION', "of Serf's protocol, from 2 to 5"],
    'event-handler': ['[FILTERS=]SCRIPT', 'run a script for each event, or for some; may be repeated'],
    tag: ['KEY=VALUE', 'a tag of this member; may be repeated'],
    role: ['ROLE', 'an older way to say -tag role=ROLE'],
    'tags-file': ['FILE', 'keep the tags there'],
    encrypt: ['KEY', '16, 24 or 32 bytes in base 64'],
    'keyring-file': ['FILE', 'keep the keys there'],
    'config-file': ['FILE', 'read the configuration from it; may be repeated'],
    'config-dir': ['DIRECTORY', 'read all its files that end in .json, in the order of their names'],
    'broadcast-timeout': ['TIME', 'how long to wait until others were told of a departure, 5s'],
    'disable-compression': ['', 'send everything as it is'],
    'rpc-addr': ['ADDRESS', 'where it listens for commands, 127.0.0.1:7373'],
    'log-level': ['LEVEL', 'the least level that is logged, INFO'],
    syslog: ['', 'log to the system too'],
  },
};

/** By subcommand, in alphabetical order. */
export const HELP: Readonly<Record<string, Help>> = {
  agent: AGENT,
  event: {
    operands: 'NAME [PAYLOAD]',
    says: 'Sends a user event to all members.',
    flags: { coalesce: ['=true|false', 'whether agents may put it together with others of its name, true'], ...ASKING },
  },
  'force-leave': {
    operands: 'NAME',
    says: 'Takes a failed member for one that has left. One that is alive comes back.',
    flags: { prune: ['', 'forget it too'], ...ASKING },
  },
  info: { says: 'Prints figures of the agent.', flags: { format: FORMAT, ...ASKING } },
  join: {
    operands: 'ADDRESS...',
    says: 'Joins the agent to the cluster of these members.',
    flags: { replay: ['', 'hear of user events of before'], ...ASKING },
  },
  keygen: { says: 'Prints a new key.' },
  keys: {
    says: 'Changes or lists the keys of all members.',
    flags: {
      install: ['KEY', 'let all members read what is encrypted with it'],
      use: ['KEY', 'let all members encrypt with it'],
      remove: ['KEY', 'forget it; not the one in use'],
      list: ['', 'say how many members have which keys'],
      ...ASKING,
    },
  },
  leave: { says: 'Lets the agent leave its cluster and end.', flags: ASKING },
  members: {
    says: 'Lists the members that the agent knows. Patterns must match the whole.',
    flags: {
      detailed: ['', 'with their protocol versions'],
      format: FORMAT,
      name: ['PATTERN', 'those with such names'],
      role: ['PATTERN', 'those with such roles'],
      status: ['PATTERN', 'those that are so'],
      tag: ['KEY=PATTERN', 'those with such a tag; may be repeated'],
      ...ASKING,
    },
  },
  monitor: {
    says: 'Shows the log of the agent as it goes on, from its latest lines.',
    flags: { 'log-level': ['LEVEL', 'the least level that is shown, INFO'], ...ASKING },
  },
  query: {
    operands: 'NAME [PAYLOAD]',
    says: 'Asks all members, or some, and shows who has heard it and what they answer.',
    flags: {
      format: FORMAT,
      node: ['NAME', 'ask this member; may be repeated'],
      tag: ['KEY=PATTERN', 'ask those with such a tag; may be repeated'],
      timeout: ['TIME', 'how long to wait for answers'],
      'no-ack': ['', 'do not ask who has heard it'],
      'relay-factor': ['COUNT', 'let so many others pass on each answer'],
      ...ASKING,
    },
  },
  reachability: {
    says: 'Finds out whether all members can be reached.',
    flags: { verbose: ['', 'with their names'], ...ASKING },
  },
  rtt: {
    operands: 'NAME [NAME]',
    says: 'Estimates the round trip between two members, or to the own one.',
    flags: ASKING,
  },
  tags: {
    says: 'Changes tags of the agent.',
    flags: {
      set: ['KEY=VALUE', 'give it this tag; may be repeated'],
      delete: ['KEY', 'take this tag away; may be repeated'],
      ...ASKING,
    },
  },
  version: { says: 'Prints the version.' },
};

/** Whether a command line asks for help, which it may do anywhere. */
export const wantsHelp = (words: readonly string[]): boolean => words.some((word) => /^(-h|--?help)$/.test(word));

/** What is said of a subcommand, or of all of them. */
export function helpText(name: string | undefined): string {
  const help = name !== undefined && Object.hasOwn(HELP, name) ? HELP[name] : undefined;
  if (help === undefined) {
    const all = Object.entries(HELP).map(([each, { says }]) => [each, says.split('.')[0] ?? ''] as const);
    return ['Usage: serf [--version] [--help] <command> [<args>]', '', 'Available commands are:', ...aligned(all), ''].join('\n');
  }
  const { operands, says, flags = {} } = help;
  const usage = ['Usage: serf', name, ...(Object.keys(flags).length > 0 ? ['[options]'] : []), ...(operands ? [operands] : [])];
  const options = Object.entries(flags).map(
    ([flag, [value, what]]) => [`-${flag}${value === '' || value.startsWith('=') ? value : ` ${value}`}`, what] as const,
  );
  return [usage.join(' '), '', `  ${says}`, ...(options.length > 0 ? ['', 'Options:', '', ...aligned(options)] : [])].join('\n');
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `    ${first.padEnd(width)}  ${second}`);
}

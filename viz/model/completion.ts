/** Beginnings of command lines that hosts know; those that end with a space want more. */
export const PHRASES: readonly string[] = [
  'arp -n',
  'cat /',
  'consul agent ',
  'consul force-leave ',
  'consul info',
  'consul join ',
  'consul leave',
  'consul members',
  'consul operator autopilot get-config',
  'consul operator autopilot state',
  'consul operator raft list-peers',
  'consul operator raft remove-peer ',
  'consul operator raft transfer-leader',
  'consul version',
  'date',
  'echo ',
  'hostname',
  'ip addr',
  'ip route',
  'kill ',
  'kv cas ',
  'kv delete ',
  'kv get ',
  'kv load ',
  'kv put ',
  'kvd ',
  'pidof ',
  'ping -c1 ',
  'raft add-learner ',
  'raft add-voter ',
  'raft remove ',
  'raft snapshot',
  'raft status',
  'raft transfer ',
  'serf agent ',
  'serf event ',
  'serf force-leave ',
  'serf info',
  'serf join ',
  'serf keygen',
  'serf keys ',
  'serf leave',
  'serf members',
  'serf monitor',
  'serf query ',
  'serf reachability',
  'serf rtt ',
  'serf tags ',
  'serf version',
];

/** How a command line may go on: whole lines, in alphabetical order. Where a command is complete, the names of machines are known. */
export function completions(line: string, names: readonly string[]): string[] {
  const begun = line.trimStart();
  if (begun === '') return [];
  const known = PHRASES.filter((phrase) => phrase.startsWith(begun) && phrase !== begun);
  if (known.length > 0) return known;
  const at = begun.lastIndexOf(' ') + 1;
  const word = begun.slice(at);
  if (at === 0) return [];
  return names.filter((name) => name.startsWith(word) && name !== word).map((name) => begun.slice(0, at) + name);
}

/** The longest beginning that all of some lines share. */
export function shared(lines: readonly string[]): string {
  const [first = '', ...rest] = lines;
  let length = first.length;
  for (const line of rest) while (!line.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

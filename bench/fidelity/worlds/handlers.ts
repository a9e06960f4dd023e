import { printed } from '../seen.ts';
import type { Seen, World } from '../world.ts';

const HANDLER = `#!/bin/sh
echo "$SERF_EVENT, $SERF_SELF_NAME, role '$SERF_SELF_ROLE', dc '$SERF_TAG_DC', event '$SERF_USER_EVENT' $SERF_USER_LTIME" >> /root/seen
cat >> /root/seen
`;

/**
 * One of three agents runs a script for each event, which writes down what it is told. Events are so far apart that none are told
 * together, for then their order would be random in the real agent.
 */
export const handlers: World = {
  machines: [
    { name: 'n1', address: '10.77.0.1', side: 0, files: { '/root/handler.sh': HANDLER } },
    { name: 'n2', address: '10.77.0.2', side: 0 },
    { name: 'n3', address: '10.77.0.3', side: 0 },
  ],
  deeds: [
    { at: 0, does: 'run', host: 'n1', line: 'serf agent -tag dc=a -event-handler=/root/handler.sh' },
    { at: 0.2, does: 'run', host: 'n2', line: 'serf agent' },
    { at: 0.4, does: 'run', host: 'n3', line: 'serf agent -tag role=db' },
    { at: 4, does: 'run', host: 'n2', line: 'serf join 10.77.0.1' },
    { at: 8, does: 'run', host: 'n3', line: 'serf join 10.77.0.2' },
    { at: 13, does: 'run', host: 'n2', line: 'serf event deploy v1' },
    { at: 16, does: 'run', host: 'n1', line: 'serf event -coalesce=false empty' },
    { at: 18, does: 'run', host: 'n1', line: 'serf members -name=n3' },
    { at: 18.5, does: 'run', host: 'n1', line: 'serf members -detailed -name=n1' },
    { at: 19, does: 'run', host: 'n1', line: 'serf members -format=json -name=n3' },
    { at: 20, does: 'run', host: 'n2', line: 'serf leave' },
    { at: 26, does: 'kill', host: 'n3' },
    { at: 44, does: 'run', host: 'n1', line: 'serf members -status=failed' },
    { at: 44.5, does: 'run', host: 'n1', line: 'cat /root/seen' },
  ],
  end: 46,
};

/** What must be the same to the byte, by the command that printed it. */
export function outputs(seen: Seen): Map<string, string> {
  const commands = handlers.deeds.filter((deed) => deed.does === 'run' && !deed.line.startsWith('serf agent'));
  return new Map(commands.map((deed) => (deed.does === 'run' ? [deed.line, printed(seen, deed.host, deed.line)] : ['', ''])));
}

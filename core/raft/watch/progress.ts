import { termAt } from '../log.ts';
import type { Progress } from '../progress.ts';
import type { Leader } from '../state.ts';
import type { RaftWatch, Watched } from './watch.ts';

/** What a leader believes of the others, against what they have. */
export function progress(watch: RaftWatch, server: Watched, role: Leader): void {
  const { state } = server;
  const { log, currentTerm } = state;
  const { exercised } = watch.state;
  for (const peer of role.peers) {
    exercised.NextAboveMatch++;
    exercised.WindowKept++;
    if (peer.next <= peer.match)
      watch.broken(
        'NextAboveMatch',
        `${watch.name(state)} would send ${watch.text(peer.name)} ${peer.next} next, and it has ${peer.match}`,
      );
    window(watch, server, peer);
    const other = watch.stateOf(peer.name);
    if (other === undefined || other.amnesiac || other.currentTerm !== currentTerm) continue;
    if (peer.match <= other.log.cut || peer.match <= log.cut) continue;
    exercised.MatchSound++;
    if (other.storage.durableIndex < peer.match || termAt(other.log, peer.match) !== termAt(log, peer.match))
      watch.broken(
        'MatchSound',
        `${watch.name(state)} believes that ${watch.text(peer.name)} has ${peer.match}, and it has ${other.storage.durableIndex}`,
      );
  }
}

/** Appends under way are no more than may be; bytes may be one message more. */
function window(watch: RaftWatch, { state, config }: Watched, { name, mode, ends, inflightBytes }: Progress): void {
  const most = mode === 'replicate' ? config.maxInflight : 0;
  const bytes = config.maxInflightBytes + Math.max(config.maxMessageBytes, config.maxProposalBytes);
  if (ends.length <= most && inflightBytes <= bytes) return;
  watch.broken(
    'WindowKept',
    `${watch.name(state)} has ${ends.length} appends of ${inflightBytes} bytes under way to ${watch.text(name)}`,
  );
}

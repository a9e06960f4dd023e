import { assert } from '../../core/assert.ts';
import { GOSSIP_MEANINGS } from '../../core/gossip/message.ts';
import { Hash } from '../../core/hash.ts';
import type { Names } from '../../core/names.ts';
import { DISCOVERY_MEANINGS } from '../../core/serf/discovery.ts';
import { SERF_MEANINGS } from '../../core/serf/message.ts';
import type { Instant } from '../../core/time.ts';
import { STATE, STATUS } from '../check/observed.ts';
import type { Sink } from '../engine/journal.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Checksum } from '../trace/crc.ts';
import type { ByteSink } from '../trace/sink.ts';
import { type SavedTrace, TraceWriter } from '../trace/writer.ts';
import type { Report } from './run.ts';
import { overall } from './verdict.ts';

/** An ARP message names its ends by address. */
const ARP_MEANINGS = {
  'arp request.sender': 'address',
  'arp request.target': 'address',
  'arp reply.sender': 'address',
  'arp reply.target': 'address',
} as const;

/**
 * Records of a chunk. A reader reads, expands and checks one for each place that somebody looks at, which takes a quarter of the time that the largest
 * chunk does; a trace of 10⁷ records becomes 5 % larger by it.
 */
export const TRACE_CHUNK = 16_384;

/** Cells whose changes are rare and telling. */
const TURNS = [STATE, STATUS, 'raft.role'];

/** A trace of a run: `listen` goes to the run, `close` is called with its report when it is over. */
export interface Tracing {
  readonly listen: (world: { readonly names: Names }) => readonly Sink[];
  /** See `TraceWriter.snapshot`; once the run has begun. */
  snapshot(end: Instant): ReturnType<TraceWriter['snapshot']>;
  /** See `TraceWriter.saved`; once the run has begun. */
  saved(): SavedTrace;
  close(report: Report): void;
}

export function tracing(
  plan: Plan,
  about: {
    readonly sink: ByteSink;
    readonly seed: number | string;
    readonly name: string;
    /** The scenario as text, to be kept in the trace. */
    readonly text: string;
    readonly version: string;
    readonly engine: string;
    /** Records after which a chunk is closed; 16 384 when absent. */
    readonly chunk?: number;
    /** A faster CRC-32 than ours, if the platform has one. */
    readonly checksum?: Checksum;
    /** Where to go on; the sink has what was written up to there. */
    readonly from?: SavedTrace;
  },
): Tracing {
  const { sink, seed, name, text, version, engine, checksum, chunk = TRACE_CHUNK, from } = about;
  const { topology } = plan;
  let writer: TraceWriter | undefined;
  const begun = (): TraceWriter => {
    assert(writer !== undefined, 'a trace has nothing to show before its run has begun');
    return writer;
  };
  return {
    listen: ({ names }) => {
      const hash = new Hash();
      hash.text(text);
      writer = new TraceWriter({
        names,
        sink,
        turns: TURNS,
        ...(checksum === undefined ? {} : { checksum }),
        chunk,
        ...(from === undefined ? {} : { from }),
        header: {
          version,
          engine,
          random: 'alea (seedrandom 3.0.5)',
          seed,
          scenario: { name, text, hash: hash.hex() },
          nodes: topology.nodes.map((node) => node.name),
          topology,
          interventions: plan.interventions,
          meanings: { ...ARP_MEANINGS, ...GOSSIP_MEANINGS, ...SERF_MEANINGS, ...DISCOVERY_MEANINGS },
        },
      });
      return [writer];
    },
    snapshot: (end) => begun().snapshot(end),
    saved: () => begun().saved(),
    close: ({ fingerprint, findings, measures, end }) => {
      writer?.close({ fingerprint, verdict: overall(findings, false), findings, measures }, end);
    },
  };
}

import type { Instant } from '../../core/time.ts';
import type { Topology } from '../../sim/network/topology.ts';
import type { Trace } from '../../sim/trace/reader.ts';
import { overviewOf } from './overview.ts';
import { type CellTable, fieldOf, type Outcome, type Run, textField, type Verdict } from './run.ts';

/** What is the same in all windows of a run. */
export interface RunFacts
  extends Pick<
    Run,
    'scenario' | 'seed' | 'version' | 'end' | 'topology' | 'total' | 'table' | 'verdicts' | 'overview' | 'words'
  > {
  /** What the trace lacks as a whole, in sentences. */
  readonly lacks: readonly string[];
}

/**
 * What a trace tells without its chunks.
 *
 * @param whole whether all of it will be open at once: then its records tell the rest
 * @param numberOf the number of a record by its number in the file
 */
export function factsOf(trace: Trace, total: number, whole: boolean, numberOf: (id: number) => number): RunFacts {
  const { header, tables } = trace;
  const plan = topologyOf(header.topology);
  const topology = plan ?? bareTopology(header.nodes);
  const verdicts = trace.verdictInfos.map(({ at, id, payload }) => verdictOf(at, numberOf(id), payload));
  return {
    scenario: header.scenario.name,
    seed: String(header.seed),
    version: header.version,
    end: trace.end,
    topology,
    total,
    table: tableOf(trace),
    verdicts,
    overview: whole ? undefined : overviewOf(trace, verdicts, numberOf),
    words: {
      meanings: header.meanings,
      name: (id) => tables.names[id],
      node: (node) => topology.nodes[node]?.name,
      endpoint: (id) => tables.endpoints[id],
    },
    lacks: plan === undefined ? ['The plan of the network is missing.'] : [],
  };
}

const OUTCOMES: readonly unknown[] = ['held', 'violated', 'inconclusive'] satisfies Outcome[];

/** @param record its number */
export function verdictOf(at: Instant, record: number, payload: unknown): Verdict {
  const outcome = fieldOf(payload, 'verdict');
  return {
    at,
    record,
    check: textField(payload, 'check'),
    outcome: OUTCOMES.includes(outcome) ? (outcome as Outcome) : 'inconclusive',
    says: textField(payload, 'says'),
  };
}

function tableOf({ tables }: Trace): CellTable {
  return {
    get count() {
      return tables.cellCount;
    },
    node: (cell) => tables.cell(cell)?.node ?? -1,
    subject: (cell) => tables.name(tables.cell(cell)?.subject ?? -1),
    field: (cell) => tables.name(tables.cell(cell)?.field ?? -1),
  };
}

/** The plan of a network, if the data has the form of one as far as it is drawn. */
function topologyOf(value: unknown): Topology | undefined {
  const segments = fieldOf(value, 'segments');
  const nodes = fieldOf(value, 'nodes');
  if (!Array.isArray(segments) || !Array.isArray(nodes)) return undefined;
  const isSegment = (each: unknown): boolean =>
    typeof fieldOf(each, 'name') === 'string' && Array.isArray(fieldOf(each, 'subnets'));
  const isInterface = (each: unknown): boolean =>
    Array.isArray(fieldOf(each, 'addresses')) && segments[fieldOf(each, 'segment') as number] !== undefined;
  const isNode = (each: unknown): boolean => {
    const interfaces = fieldOf(each, 'interfaces');
    return typeof fieldOf(each, 'name') === 'string' && Array.isArray(interfaces) && interfaces.every(isInterface);
  };
  return segments.every(isSegment) && nodes.every(isNode) ? (value as Topology) : undefined;
}

const bareTopology = (names: readonly string[]): Topology => ({
  segments: [],
  nodes: names.map((name) => ({ name, forwarding: false, interfaces: [], routes: [] })),
});

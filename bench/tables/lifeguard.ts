import { WITHOUT_LIFEGUARD } from '../../core/gossip/lifeguard.ts';
import type { GossipRules } from '../../core/gossip/rules.ts';
import { seconds } from '../../core/time.ts';
import { type BehaviourTable, decimal, type Row } from './row.ts';
import { type Slander, slander, type Trouble } from './slander.ts';

const LIFEGUARD = 'Lifeguard (Dadgar, Phillips, Currey 2018), abstract';
const ARGUMENT = 'Lifeguard, by its argument';

/** The factor of the abstract: more than fifty times fewer false positives. */
const PUBLISHED = 50;

const TROUBLE: Trouble = { nodes: 40, slow: 8, blocked: seconds(24), well: seconds(1), lasts: seconds(180) };
const SEEDS = 12;

export const lifeguard: BehaviourTable = {
  name: 'lifeguard',
  title: 'What Lifeguard is worth when some are slow',
  says:
    `${TROUBLE.slow} of ${TROUBLE.nodes} nodes are slow: for 24 s what they send and what they are sent waits while their timers go on, then they are well for 1 s, each at times of its own, for 3 minutes, ${SEEDS} times over (LAN, as serf-0.10). ` +
    'False positives are how often a member that is not slow was held to be dead: by others that are not slow, and by anybody. “All off” has the same shortest suspicion, no health that scales probes, no nacks, no suspicion that waits for others, and tells no suspect first. ' +
    'The paper’s tables by configuration are not public; its abstract’s factor is for its own test bed of 100 agents, and ours, for nodes that are blocked for longer than the shortest suspicion, is far above it.',
  cheap: false,
  rows: () => {
    const allOn = counts({});
    const switches = Object.entries(WITHOUT_LIFEGUARD) as [string, Partial<GossipRules>][];
    const allOff = counts(Object.assign({}, ...switches.map(([, rules]) => rules)));
    const without = switches.map(([name, rules]) => raised(name, allOn, counts(rules)));
    return [
      { what: 'all on', source: '', published: '', here: inWords(allOn), deviation: '' },
      ...without,
      { what: 'all off', source: '', published: '', here: inWords(allOff), deviation: '' },
      factor('all off to all on, by those that are well', allOff.atHealthy / allOn.atHealthy),
      factor('all off to all on, by anybody', allOff.anywhere / allOn.anywhere),
    ];
  },
};

function counts(rules: Partial<GossipRules>): Slander {
  const all = Array.from({ length: SEEDS }, (_, seed) => slander(TROUBLE, rules, seed + 1));
  const sum = (pick: (each: Slander) => number): number => all.reduce((total, each) => total + pick(each), 0);
  return { atHealthy: sum((each) => each.atHealthy), anywhere: sum((each) => each.anywhere) };
}

const inWords = ({ atHealthy, anywhere }: Slander): string => `${atHealthy}, ${anywhere}`;

function raised(name: string, allOn: Slander, off: Slander): Row {
  const isRaised = off.atHealthy > allOn.atHealthy && off.anywhere > allOn.anywhere;
  const times = `× ${decimal(off.atHealthy / allOn.atHealthy, 1)}, × ${decimal(off.anywhere / allOn.anywhere, 1)}`;
  const here = inWords(off);
  return { what: `${name} off`, source: ARGUMENT, published: 'more', here, deviation: isRaised ? times : `${times}: NOT MORE` };
}

function factor(what: string, here: number): Row {
  const deviation = here >= PUBLISHED ? 'within' : 'BEYOND';
  return { what, source: LIFEGUARD, published: `more than ${PUBLISHED}`, here: decimal(here, 0), deviation };
}

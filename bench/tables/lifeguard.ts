import { LAN } from '../../core/gossip/gossip.ts';
import { WITHOUT_LIFEGUARD } from '../../core/gossip/lifeguard.ts';
import type { GossipRules } from '../../core/gossip/rules.ts';
import { suspicionMinimum } from '../../core/gossip/suspicion.ts';
import { seconds } from '../../core/time.ts';
import { detections } from './detection.ts';
import { type Outage, outage } from './outage.ts';
import { type BehaviourTable, compared, decimal, mean, type Row } from './row.ts';
import { type Manner, type Slander, slander, type Trouble } from './slander.ts';

const LIFEGUARD = 'Lifeguard (Dadgar, Phillips, Currey 2018), abstract';
const ARGUMENT = 'Lifeguard, by its argument';
const BUDDY = 'memberlist, pull request 85: the accused refutes sooner than gossip would let it';

/** The factor of the abstract: more than fifty times fewer false positives. */
const PUBLISHED = 50;

const TROUBLE: Trouble = { nodes: 40, slow: 8, blocked: seconds(24), well: seconds(1), lasts: seconds(180) };
const SEEDS = 40;

/** Less than the shortest suspicion of 40 nodes, 6.4 s, and longer than gossip about a suspicion lasts. */
const CUT_OFF = seconds(5);
const OUTAGES = 100;

export const lifeguard: BehaviourTable = {
  name: 'lifeguard',
  title: 'What Lifeguard is worth when some are slow',
  says:
    `${TROUBLE.slow} of ${TROUBLE.nodes} nodes are slow: for 24 s what they send and what they are sent waits while their timers go on, then they are well for 1 s, each at times of its own, for 3 minutes, ${SEEDS} times over (LAN, as serf-0.10). ` +
    'False positives are how often a member that is not slow was held to be dead: by others that are not slow, and by anybody. “All off” has the same shortest suspicion, no health that scales probes, no nacks, no suspicion that waits for others, and tells no suspect first. That last alone makes no difference here: gossip has told the accused long before a ping could, and before the shortest suspicion is over. ' +
    `It does where the accused heard nothing for as long as there was gossip about it, as one of ${TROUBLE.nodes} that is cut off for ${CUT_OFF / 1e9} s, in which whatever is sent either way is lost (the suspicion about it takes 6.4 s at least): when it is back only the pings of the others tell it. ` +
    'The paper’s tables by configuration are not public; its abstract’s factor is for its own test bed of 100 agents, and ours, for nodes that are blocked for longer than the shortest suspicion, is far above it. ' +
    'A process that stands still as a whole accuses nobody of the healthy here: what waited for it is taken in the order in which it came, answers before the timers that they were in time for.',
  cheap: false,
  rows: () => {
    const allOn = counts({});
    const switches = Object.entries(WITHOUT_LIFEGUARD) as [string, Partial<GossipRules>][];
    const everythingOff: Partial<GossipRules> = Object.assign({}, ...switches.map(([, rules]) => rules));
    const allOff = counts(everythingOff);
    const withoutBuddy = counts(WITHOUT_LIFEGUARD.buddy);
    const without = switches.map(([name, rules]) => raised(name, allOn, name === 'buddy' ? withoutBuddy : counts(rules)));
    return [
      { what: 'all on', source: '', published: '', here: inWords(allOn), deviation: '' },
      ...without,
      refutations('all on', allOn),
      refutations('buddy off', withoutBuddy),
      { what: 'all off', source: '', published: '', here: inWords(allOff), deviation: '' },
      factor('all off to all on, by those that are well', allOff.atHealthy / allOn.atHealthy),
      factor('all off to all on, by anybody', allOff.anywhere / allOn.anywhere),
      ...cutOff(),
      ...paused(everythingOff),
      promptness(),
    ];
  },
};

/** What is otherwise when whole processes stand still. */
const paused = (everythingOff: Partial<GossipRules>): Row[] =>
  [
    { what: 'all on', rules: {} },
    { what: 'all off', rules: everythingOff },
  ].map(({ what, rules }) => {
    const here = inWords(counts(rules, 'paused', 3));
    return { what: `slow ones paused as a whole, ${what}, 3 times over`, source: '', published: '', here, deviation: '' };
  });

/** How soon those that are well clear themselves: why a ping that tells them is not needed. */
function refutations(name: string, { refuted }: Slander): Row {
  const least = suspicionMinimum(LAN.suspicionMult, TROUBLE.nodes, LAN.probeInterval) / 1e9;
  const what = `${name}: a member that is well is suspected by another → it refutes, mean (longest), s`;
  const longest = Math.max(...refuted);
  const here = `${decimal(mean(refuted), 2)} (${decimal(longest, 2)})`;
  const deviation = longest < least ? 'within' : 'BEYOND';
  return { what, source: 'shortest suspicion', published: `< ${decimal(least)}`, here, deviation };
}

/** What telling the suspect is worth to one that comes back. */
function cutOff(): Row[] {
  const all = (rules: Partial<GossipRules>): Outage[] =>
    Array.from({ length: OUTAGES }, (_, seed) => outage(TROUBLE.nodes, CUT_OFF, rules, seed + 1));
  const [on, off] = [all({}), all(WITHOUT_LIFEGUARD.buddy)];
  const deaths = (outages: readonly Outage[]): number => outages.filter(({ heldDead }) => heldDead > 0).length;
  const views = (outages: readonly Outage[]): number => outages.reduce((sum, { heldDead }) => sum + heldDead, 0);
  const time = (outages: readonly Outage[]): number =>
    mean(outages.map(({ refuted }) => refuted).filter((refuted) => !Number.isNaN(refuted)));
  const row = (what: string, published: string, here: string, isSo: boolean): Row => ({
    what: `one cut off for ${CUT_OFF / 1e9} s, ${OUTAGES} times over, ${what}`,
    source: published === '' ? '' : BUDDY,
    published,
    here,
    deviation: published === '' ? '' : isSo ? 'so it is' : 'NOT MORE',
  });
  return [
    row('all on: how often it was held to be dead, by how many in all', '', `${deaths(on)}, ${views(on)}`, true),
    row('buddy off: the same', 'more', `${deaths(off)}, ${views(off)}`, deaths(off) > deaths(on) && views(off) > views(on)),
    row('all on: it is back → it refutes, mean, s', '', decimal(time(on), 2), true),
    row('buddy off: the same', 'more', decimal(time(off), 2), time(off) > time(on)),
  ];
}

/** Waiting for others costs nothing where enough of them agree. */
function promptness(): Row {
  const time = (rules: Partial<GossipRules>): number =>
    mean(detections(20, LAN, 200, { rules }).map(({ declared }) => declared / 1e9));
  return compared(
    'n = 20, nobody slow: first declaration of a crash with dynamic suspicion, to that without it, mean, s',
    ARGUMENT,
    time(WITHOUT_LIFEGUARD['dynamic suspicion']),
    time({}),
  );
}

function counts(rules: Partial<GossipRules>, manner: Manner = 'blocked', seeds = SEEDS): Slander {
  const all = Array.from({ length: seeds }, (_, seed) => slander(TROUBLE, rules, seed + 1, manner));
  const sum = (pick: (each: Slander) => number): number => all.reduce((total, each) => total + pick(each), 0);
  return {
    atHealthy: sum((each) => each.atHealthy),
    anywhere: sum((each) => each.anywhere),
    refuted: all.flatMap((each) => each.refuted),
  };
}

const inWords = ({ atHealthy, anywhere }: Slander): string => `${atHealthy}, ${anywhere}`;

/** Two counts of false positives that differ by less are taken for equal: they come in bursts, a few dozen of them in all. */
const NOISE = 0.1;

function raised(name: string, allOn: Slander, off: Slander): Row {
  const ratios = [off.atHealthy / allOn.atHealthy, off.anywhere / allOn.anywhere];
  const times = ratios.map((ratio) => `× ${decimal(ratio, 1)}`).join(', ');
  const isRaised = ratios.every((ratio) => ratio > 1);
  const isSame = ratios.every((ratio) => Math.abs(ratio - 1) <= NOISE);
  const deviation = isRaised ? times : `${times}: ${isSame ? 'no difference to be seen' : 'NOT MORE'}`;
  return { what: `${name} off`, source: ARGUMENT, published: 'more', here: inWords(off), deviation };
}

function factor(what: string, here: number): Row {
  const deviation = here >= PUBLISHED ? 'within' : 'BEYOND';
  return { what, source: LIFEGUARD, published: `more than ${PUBLISHED}`, here: decimal(here, 0), deviation };
}

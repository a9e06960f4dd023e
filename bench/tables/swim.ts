import { type GossipConfig, LAN, QUIRKS } from '../../core/gossip/gossip.ts';
import type { GossipRules } from '../../core/gossip/rules.ts';
import { exp, ln, pow } from '../../core/math.ts';
import { type Duration, type Instant, seconds, ZERO } from '../../core/time.ts';
import { Kind } from '../../sim/engine/journal.ts';
import { detections, phaseOf, probedBy } from './detection.ts';
import { at, Lab } from './lab.ts';
import { type BehaviourTable, bounded, compared, decimal, mean, type Row } from './row.ts';

const SWIM = 'SWIM (Das, Gupta, Motivala 2002)';

export const swim: BehaviourTable = {
  name: 'swim',
  title: 'What the SWIM paper promises',
  says:
    'The paper’s expectations beside what memberlist’s rules come to with the timers of a LAN. Periods until the first probe of a crashed member count whole ones, as the paper does; where many are dead memberlist’s probes take longer than a period, because each that fails lowers the prober’s health. ' +
    'For false suspicions the ping over TCP, which the paper does not know, is off. For the piggybacking of news gossip and push/pull are off and the number of copies is not limited.',
  cheap: false,
  rows: () => [...firstDetection(), ...worstCase(), ...falseSuspicions(), ...load(), ...piggyback(), suspicion()],
};

/** Periods until somebody probes one of those that crashed, by the share of members that live. */
function firstDetection(): Row[] {
  const nodes = 40;
  return [1, 0.75, 0.5].map((living) => {
    const others = Math.round((1 - living) * (nodes - 1));
    const q = (nodes - 1 - others) / (nodes - 1);
    const periods = detections(nodes, LAN, 600, { others }).map(({ probed }) =>
      Math.ceil((probed[0] as number) / LAN.probeInterval),
    );
    return compared(
      `periods to the first probe, ${decimal(q * 100, 0)} % alive, mean`,
      `${SWIM}, 1/(1 − e^−q)`,
      1 / (1 - exp(-q)),
      mean(periods),
      2,
    );
  });
}

/** The most protocol periods between two probes of one member by one observer, when all are well. */
function worstCase(): Row[] {
  return [3, 5, 10].map((nodes) => {
    const turns = new Map<string, number>();
    const counts = new Map<number, number>();
    let most = 0;
    const lab: Lab = new Lab({
      nodes,
      config: LAN,
      quirks: QUIRKS['serf-0.10'],
      seed: nodes,
      listen: [
        {
          record: (_id, _at, kind, node, _peer, _cause, _word, _size, payload) => {
            const member = kind === Kind.send ? probedBy(lab, node, payload) : undefined;
            if (member === undefined) return;
            const count = (counts.get(node) ?? 0) + 1;
            counts.set(node, count);
            const before = turns.get(`${node} ${member}`);
            if (before !== undefined) most = Math.max(most, count - before);
            turns.set(`${node} ${member}`, count);
          },
        },
      ],
    });
    lab.run(seconds(1000));
    return bounded(
      `n = ${nodes}: periods between two probes of a member by an observer, most`,
      `${SWIM}, 2m − 1 for m others`,
      2 * (nodes - 1) - 1,
      most,
      0,
    );
  });
}

/** Wrong suspicions per probe, by loss. */
function falseSuspicions(): Row[] {
  return [0.1, 0.2, 0.3].map((loss) => {
    const { probes, failed } = lossy(loss, {}, seconds(200));
    const arrives = 1 - loss;
    const published = (1 - pow(arrives, 2)) * pow(1 - pow(arrives, 4), LAN.indirectChecks);
    return compared(
      `probes that fail though the member lives, ${loss * 100} % lost, per thousand`,
      `${SWIM}, (1 − p²)(1 − p⁴)^k, k = 3`,
      1000 * published,
      (1000 * failed) / probes,
      1,
    );
  });
}

interface Lossy {
  probes: number;
  failed: number;
  /** How often a member was held to be dead. */
  dead: number;
}

/** A cluster in which everybody lives and packets are lost. */
function lossy(loss: number, rules: Partial<GossipRules>, lasts: Duration): Lossy {
  const count: Lossy = { probes: 0, failed: 0, dead: 0 };
  const config: GossipConfig = { ...LAN, disableTcpPings: true };
  const lab: Lab = new Lab({
    nodes: 50,
    config,
    quirks: QUIRKS['serf-0.10'],
    rules,
    seed: 1,
    loss,
    listen: [
      {
        record: (_id, _at, kind, node, _peer, _cause, _word, _size, payload) => {
          if (kind === Kind.send && probedBy(lab, node, payload) !== undefined) count.probes++;
          if (kind === Kind.log && (payload as { line: string }).line.endsWith('has failed, no acks received')) count.failed++;
        },
        cell: (_id, _at, _node, _subject, _field, value) => {
          if (value === 'dead') count.dead++;
        },
      },
    ],
  });
  lab.run(lasts);
  return count;
}

/** Messages of failure detection that a member sends per period: a ping and an ack. */
function load(): Row[] {
  return [10, 30, 100, 300, 1000].map((nodes) => {
    let sent = 0;
    const lab = new Lab({
      nodes,
      config: { ...LAN, pushPullInterval: ZERO },
      quirks: QUIRKS['serf-0.10'],
      seed: 1,
      listen: [
        {
          record: (_id, _at, kind, _node, _peer, _cause, _word, _size, payload) => {
            if (kind === Kind.send && (payload as { transport?: string }).transport === 'udp') sent++;
          },
        },
      ],
    });
    const periods = 30;
    lab.run((periods * LAN.probeInterval) as Duration);
    return compared(`n = ${nodes}: messages per member and period`, `${SWIM}, about 2 whatever n`, 2, sent / nodes / periods, 3);
  });
}

/** Members that have not heard of something after λ·ln n periods, when it goes along with pings and acks only. */
function piggyback(): Row[] {
  const nodes = 100;
  const runs = 100;
  const left = Array.from({ length: runs }, (_, seed) => hearing(nodes, seed + 1));
  return [1, 1.5].map((lambda) => {
    const after = lambda * ln(nodes) * LAN.probeInterval;
    const unheard = left.map((heard) => nodes - 1 - heard.filter((time) => time <= after).length);
    return bounded(
      `n = ${nodes}: members without the news after ${lambda}·ln n periods, mean of ${runs}`,
      `${SWIM}, n^−(2λ−2)`,
      pow(nodes, -(2 * lambda - 2)),
      mean(unheard),
      2,
    );
  });
}

/** When each of the others heard that one left, after it did. */
function hearing(nodes: number, seed: number): number[] {
  const left = Math.round(LAN.probeInterval * (1 + phaseOf(seed)));
  const heard: number[] = [];
  let leaver = -1;
  const lab = new Lab({
    nodes,
    config: { ...LAN, gossipInterval: ZERO, pushPullInterval: ZERO, retransmitMult: 1000 },
    quirks: QUIRKS['serf-0.10'],
    seed,
    timeline: [{ at: at(left), on: 'n1', signal: 'INT', of: 'memberlist' }],
    listen: [
      {
        cell: (_id, now, node, subject, _field, value) => {
          if (subject === leaver && value === 'left' && node !== 0) heard.push(now - left);
        },
      },
    ],
  });
  leaver = lab.name(0);
  lab.runUntil((left + 10 * LAN.probeInterval) as Instant);
  return heard;
}

/** How many fewer living members are declared dead when they are suspected first. */
function suspicion(): Row {
  const loss = 0.1;
  const lasts = seconds(300);
  const without = lossy(loss, { suspicionMinimum: () => ZERO, expectedConfirmations: () => 0 }, lasts).dead;
  const withIt = lossy(loss, {}, lasts).dead;
  const here = `${without} to ${withIt}`;
  const deviation = without >= 10 * withIt ? 'within' : 'BEYOND';
  return {
    what: 'living members held to be dead, without suspicion to with it, 10 % lost',
    source: SWIM,
    published: '10 to 1 at least',
    here,
    deviation,
  };
}

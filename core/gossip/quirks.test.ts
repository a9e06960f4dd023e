import { describe, expect, test } from 'vitest';
import { type Duration, type Instant, inSeconds, milliseconds, seconds, ZERO } from '../time.ts';
import { Lab, partsOf, type Setting } from './lab.ts';
import { descriptionOf } from './members.ts';
import type { Alive, Dead, Incarnation, Suspect } from './message.ts';
import { QUIRKS, type Quirks } from './quirks.ts';

/** What one switch changes: something that is seen with it on, and with it off. */
interface Difference {
  readonly of: string;
  readonly see: (quirks: Quirks) => unknown;
  readonly odd: unknown;
  readonly mended: unknown;
}

const labOf = (quirks: Quirks, config: Setting['config'] = {}): Lab => new Lab({ quirks, config });

const dead = (lab: Lab, node: string, incarnation: number, from: string): Dead => ({
  type: 'dead',
  incarnation: incarnation as Incarnation,
  node: lab.id(node),
  from: lab.id(from),
});

const suspect = (lab: Lab, node: string, incarnation: number, from: string): Suspect => ({
  ...dead(lab, node, incarnation, from),
  type: 'suspect',
});

/** What a node knows about another, claimed anew. */
const alive = (lab: Lab, observer: string, node: string, incarnation: number): Alive => ({
  type: 'alive',
  incarnation: incarnation as Incarnation,
  node: lab.id(node),
  description: descriptionOf(lab.gossip(observer).state.members, lab.id(node)),
});

/** The highest health score of a node while something runs. */
function worstHealth(lab: Lab, name: string, duration: Duration): number {
  let worst = 0;
  lab.showed = ({ node, field, value }) => {
    if (node === name && field === 'health') worst = Math.max(worst, value as number);
  };
  lab.run(duration);
  return worst;
}

/** The time at which a node sends its first ping, in seconds since it started. */
function firstPing(lab: Lab): number {
  let at: Instant | undefined;
  lab.passed = (passing) => {
    if (passing.from === 'n2' && partsOf(passing)[0]?.type === 'ping') at ??= lab.now;
  };
  lab.start('n1');
  lab.run(milliseconds(130));
  const started = lab.now;
  lab.start('n2');
  lab.join('n2', 'n1');
  lab.when(() => at !== undefined, seconds(5));
  return inSeconds(((at ?? 0) - started) as Duration);
}

const DIFFERENCES: Record<keyof Quirks, Difference> = {
  lateNack: {
    of: 'the health that a dead member costs the healthiest of LANs',
    see: (quirks) => {
      const lab = labOf(quirks).gather(6);
      lab.kill('n6', true);
      return worstHealth(lab, 'n1', seconds(10));
    },
    odd: 3,
    mended: 0,
  },
  handoffLifo: {
    of: 'what two deaths in one packet make of a member, the second by its own word',
    see: (quirks) => {
      const lab = labOf(quirks).gather(3);
      lab.tell('n1', { type: 'compound', parts: [dead(lab, 'n3', 1, 'n2'), dead(lab, 'n3', 1, 'n3')] });
      return lab.view('n1', 'n3');
    },
    odd: 'left 1',
    mended: 'dead 1',
  },
  addrBytesStrict: {
    of: 'whether a newer alive counts that has the same address in its long form',
    see: (quirks) => {
      const lab = labOf(quirks).gather(3);
      const { descriptions } = lab.gossip('n1');
      const known = alive(lab, 'n1', 'n3', 5);
      const description = descriptions.id({ ...descriptions.of(known.description), addressBytes: 16 });
      lab.tell('n1', { ...known, description });
      return lab.view('n1', 'n3');
    },
    odd: 'alive 1',
    mended: 'alive 5',
  },
  refuteKeyIsAddress: {
    of: 'how many alives about itself a node has queued after a refutation',
    see: (quirks) => {
      const lab = labOf(quirks);
      const { state } = lab.start('n1');
      lab.tell('n1', suspect(lab, 'n1', 1, 'n2'));
      return state.queue.count;
    },
    odd: 2,
    mended: 1,
  },
  queueIdReset: {
    of: 'how many of two equally long rumours are left after each went out to three',
    see: (quirks) => {
      // Packets with room for one alive, or for one death.
      const lab = labOf(quirks, { udpBufferSize: 66, probeInterval: ZERO, pushPullInterval: ZERO }).gather(10);
      for (const subject of ['n3', 'n4']) {
        lab.kill(subject, true);
        lab.tell('n1', dead(lab, subject, 1, 'n2'));
        lab.run(milliseconds(200));
      }
      return lab.gossip('n1').state.queue.entries.filter(({ message }) => message.type === 'dead').length;
    },
    odd: 1,
    mended: 2,
  },
  leftNeverForgotten: {
    of: 'what is known of a member that left long ago',
    see: (quirks) => {
      const lab = labOf(quirks).gather(3);
      lab.node('n3').command(0, 9, { command: 'leave', timeout: seconds(5) });
      lab.run(seconds(2));
      lab.kill('n3');
      lab.run(seconds(40));
      return lab.view('n1', 'n3');
    },
    odd: 'left 1',
    mended: '',
  },
  kChoiceSampling: {
    of: 'whether the only possible helper of three members is ever forgotten',
    see: (quirks) => {
      const lab = labOf(quirks).gather(3);
      let asked = 0;
      lab.loses = (passing) => {
        if (partsOf(passing)[0]?.type === 'indirect-ping' && passing.from === 'n1') asked++;
        return passing.from === 'n1' && passing.to === 'n2' && !passing.streamed;
      };
      lab.run(seconds(400));
      return asked < lab.logged('n1', /Failed UDP ping: n2/).length;
    },
    odd: true,
    mended: false,
  },
  udpErrorEndsProbe: {
    of: 'whether a node that cannot send suspects anybody',
    see: (quirks) => {
      const lab = labOf(quirks, { disableTcpPings: true }).gather(3);
      lab.node('n1').out(0).send = () => false;
      lab.run(seconds(5));
      return lab.logged('n1', /Suspect n[23] has failed/).length > 0;
    },
    odd: false,
    mended: true,
  },
  probeErrorNoCredit: {
    of: 'the health of a node after probes that only TCP could make',
    see: (quirks) => {
      const lab = labOf({ ...quirks, udpErrorEndsProbe: false }).gather(3);
      const gossip = lab.gossip('n1');
      gossip.state.health = 2;
      lab.node('n1').out(0).send = () => false;
      lab.run(seconds(10));
      return gossip.state.health;
    },
    odd: 2,
    mended: 0,
  },
  piggyback1402: {
    of: 'whether a ping and what goes along with it may exceed 1400 bytes',
    see: (quirks) => {
      const lab = labOf(quirks);
      let longest = 0;
      lab.passed = (passing) => {
        const [first] = partsOf(passing);
        if (!passing.streamed && (first?.type === 'ping' || first?.type === 'ack')) longest = Math.max(longest, passing.bytes);
      };
      // Alives of about 66 bytes and a suspect of 35 to 37, so that the last bytes can be met exactly.
      for (let round = 0; round < 40; round++) lab.start(`n${'x'.repeat(round % 11)}${round}`);
      for (const name of lab.nodes.keys()) if (name !== 'n0') lab.join(name, 'n0');
      lab.run(seconds(20));
      return longest > 1400;
    },
    odd: true,
    mended: false,
  },
  compoundUnsplit: {
    of: 'how many members are heard of when 300 are told in one packet',
    see: (quirks) => {
      const lab = labOf(quirks, { udpBufferSize: 40_000, probeInterval: ZERO, pushPullInterval: ZERO }).gather(2);
      for (let i = 0; i < 300; i++) {
        lab.tell('n1', { ...alive(lab, 'n1', 'n2', 1), node: lab.id(`x${i}`) });
      }
      lab.run(seconds(1));
      return lab.gossip('n2').members().length;
    },
    odd: 2,
    mended: 302,
  },
  crcByNameLookup: {
    of: 'by how much a ping grows when a member is named like its target’s address',
    see: (quirks) => {
      const sizes = ['10.0.0.2', '10.0.0.9'].map((name) => {
        const lab = labOf(quirks);
        for (const each of ['n1', 'n2', name]) lab.start(each);
        lab.join('n2', 'n1');
        lab.join(name, 'n1');
        lab.run(seconds(10));
        let bytes = 0;
        lab.passed = (passing) => {
          if (passing.to === 'n2' && passing.from === 'n1' && passing.message.type === 'ping') bytes = passing.bytes;
        };
        lab.run(seconds(10));
        return bytes;
      });
      return (sizes[0] as number) - (sizes[1] as number);
    },
    odd: 5,
    mended: 0,
  },
  healthMax7: {
    of: 'the health of a node that hears nobody, with the multiplier 8',
    see: (quirks) => {
      const lab = labOf(quirks, { indirectChecks: 0 }).gather(5);
      lab.loses = ({ from, to }) => (from === 'n1') !== (to === 'n1');
      return worstHealth(lab, 'n1', seconds(60));
    },
    odd: 7,
    mended: 8,
  },
  timeoutUnscaled: {
    of: 'how long a node of health 1 waits for the direct answer',
    see: (quirks) => {
      const lab = labOf(quirks).gather(3);
      lab.gossip('n1').state.health = 1;
      let pinged: Instant | undefined;
      lab.loses = (passing) => {
        const isPing = passing.from === 'n1' && partsOf(passing)[0]?.type === 'ping';
        if (isPing) pinged ??= lab.now;
        return isPing;
      };
      const late = lab.when(() => lab.logged('n1', /Failed UDP ping/).length > 0, seconds(10));
      return inSeconds((late - (pinged ?? 0)) as Duration);
    },
    odd: 0.5,
    mended: 1,
  },
  probeStaggerNoop: {
    of: 'whether the first ping comes exactly one period after the start',
    see: (quirks) => firstPing(labOf(quirks)) === 1,
    odd: true,
    mended: false,
  },
  staleAliveRevives: {
    of: 'what a death and then an older alive make of one that is dead already',
    see: (quirks) => {
      const lab = labOf({ ...quirks, staleAliveUnanswered: true }, { pushPullInterval: ZERO }).gather(3);
      lab.kill('n3', true);
      lab.run(seconds(12));
      lab.tell('n1', dead(lab, 'n3', 5, 'n2'));
      lab.tell('n1', alive(lab, 'n1', 'n3', 4));
      return lab.view('n1', 'n3');
    },
    odd: 'alive 4',
    mended: 'dead 5',
  },
  confirmationKeepsIncarnation: {
    of: 'what a second, more recent accusation makes of a suspect',
    see: (quirks) => {
      const lab = labOf(quirks).gather(4);
      lab.tell('n1', suspect(lab, 'n3', 1, 'n2'));
      lab.tell('n1', suspect(lab, 'n3', 5, 'n4'));
      return lab.view('n1', 'n3');
    },
    odd: 'suspect 1',
    mended: 'suspect 5',
  },
  staleAliveUnanswered: {
    of: 'what becomes of a restarted member that only one still holds to be dead',
    see: (quirks) => {
      const lab = labOf(quirks, { pushPullInterval: ZERO, gossipToTheDeadTime: seconds(3600) }).gather(3);
      lab.kill('n3', true);
      lab.tell('n1', dead(lab, 'n3', 100, 'n2'));
      lab.run(seconds(10));
      // The other one is restarted too and knows nothing of the death; n1 has said of it all that it had to say.
      lab.kill('n2');
      lab.start('n2');
      lab.join('n2', 'n1');
      lab.run(seconds(5));
      lab.start('n3');
      lab.join('n3', 'n2');
      lab.run(seconds(60));
      return lab.view('n1', 'n3');
    },
    odd: 'dead 100',
    mended: 'alive 101',
  },
  noLifeguard: {
    of: 'how many others a suspicion among six waits for',
    see: (quirks) => {
      const lab = labOf(quirks).gather(6);
      lab.tell('n1', suspect(lab, 'n3', 1, 'n2'));
      return lab.gossip('n1').state.suspicions.get(lab.id('n3'))?.expected;
    },
    odd: 0,
    mended: 2,
  },
};

/** Everything else as it should be. */
const only = (name: keyof Quirks): Quirks => ({ ...NONE, [name]: true });
const NONE = Object.fromEntries(Object.keys(QUIRKS.fixed).map((name) => [name, false])) as unknown as Quirks;

describe.each(Object.entries(DIFFERENCES) as [keyof Quirks, Difference][])('%s decides', (name, { of, see, odd, mended }) => {
  test(of, () => {
    expect(see(only(name))).toEqual(odd);
    expect(see(NONE)).toEqual(mended);
  });
});

test('"fixed" keeps only what is a choice and no defect', () => {
  const kept = Object.entries(QUIRKS.fixed).flatMap(([name, on]) => (on ? [name] : []));
  expect(kept).toEqual(['probeErrorNoCredit', 'healthMax7', 'timeoutUnscaled']);
});

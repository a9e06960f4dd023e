import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../time.ts';
import { Lab, partsOf, type Setting } from './lab.ts';
import type { GossipMessage } from './message.ts';
import { labelSize, sealedSize } from './size.ts';

const A = 'cg8StVXbQJ0gPvMd9o7yrg==';
const B = 'T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s=';

/** Two nodes of these settings, of which the second joined the first, or tried to. */
function pair(first: Setting, second: Setting): Lab {
  const lab = new Lab();
  lab.start('n1', first);
  lab.start('n2', second);
  lab.join('n2', 'n1');
  lab.run(seconds(20));
  return lab;
}

const views = (lab: Lab): string[] => [lab.view('n1', 'n2'), lab.view('n2', 'n1')];
const BOTH = ['alive 1', 'alive 1'];
const NEITHER = ['', ''];

/** The sizes of all packets of a kind while something runs. */
function sizes(lab: Lab, kind: string): number[] {
  const seen = new Set<number>();
  lab.passed = (passing) => {
    let message = passing.message as GossipMessage;
    while (message.type === 'sealed' || message.type === 'labelled') message = message.message;
    if (!passing.streamed && message.type === kind) seen.add(passing.bytes);
  };
  lab.run(seconds(20));
  return [...seen];
}

describe('what is sealed', () => {
  test('is read by those who have the key, whichever of theirs it is', () => {
    expect(views(pair({ keys: [A, B] }, { keys: [B, A] }))).toEqual(BOTH);
  });

  test('is unreadable without it, and the log says so on both sides', () => {
    const lab = pair({ keys: [A] }, { keys: [B] });
    expect(views(lab)).toEqual(NEITHER);
    expect(lab.node('n2').replies.get(1)).toMatchObject({
      contacted: 0,
      problems: [{ problem: 'No installed keys could decrypt the message' }],
    });
    expect(lab.logged('n1', /failed to receive: No installed keys could decrypt the message from=10\.0\.0\.2/)).toHaveLength(1);
  });

  test('is an error for an agent without keys, and what is not sealed is one for an agent with keys', () => {
    const sealing = pair({}, { keys: [A] });
    expect(views(sealing)).toEqual(NEITHER);
    expect(sealing.logged('n1', /Remote state is encrypted and encryption is not configured/)).toHaveLength(1);
    // The answer is plain, which the asker does not read either.
    expect(sealing.node('n2').replies.get(1)).toMatchObject({
      problems: [{ problem: 'Encryption is configured but remote state is not encrypted' }],
    });
    const plain = pair({ keys: [A] }, {});
    expect(views(plain)).toEqual(NEITHER);
    expect(plain.logged('n1', /Encryption is configured but remote state is not encrypted/)).toHaveLength(1);
    expect(plain.node('n2').replies.get(1)).toMatchObject({
      problems: [{ problem: 'Remote state is encrypted and encryption is not configured' }],
    });
  });

  test('an error that can be read is told as the other side’s', () => {
    const lab = pair({ keys: [A] }, { keys: [A], config: { gossipVerifyOutgoing: false, gossipVerifyIncoming: false } });
    expect(views(lab)).toEqual(NEITHER);
    expect(lab.node('n2').replies.get(1)).toMatchObject({
      problems: [{ problem: 'remote error: Encryption is configured but remote state is not encrypted' }],
    });
  });

  test('a packet that cannot be read is dropped', () => {
    const lab = new Lab();
    lab.start('n1', { keys: [A] });
    lab.start('n2', { keys: [A] });
    const nack = { type: 'nack', sequence: 1 } as GossipMessage;
    lab.tell('n1', { type: 'sealed', key: B, label: '', message: nack } as GossipMessage, 'n2');
    lab.tell('n1', { type: 'sealed', key: A, label: 'other', message: nack } as GossipMessage, 'n2');
    lab.tell('n1', nack, 'n2');
    expect(lab.logged('n1', /Decrypt packet failed/).map((line) => line.slice(6))).toEqual([
      '[ERR] memberlist: Decrypt packet failed: No installed keys could decrypt the message from=10.0.0.2:7946',
      '[ERR] memberlist: Decrypt packet failed: No installed keys could decrypt the message from=10.0.0.2:7946',
      '[ERR] memberlist: Decrypt packet failed: Unsupported encryption version 11 from=10.0.0.2:7946',
    ]);
  });

  test('a running cluster is given its first key in three steps and nobody loses anybody', () => {
    const lab = new Lab().gather(3);
    const restart = (step: Setting): void => {
      for (const name of ['n1', 'n2', 'n3']) {
        lab.kill(name);
        lab.start(name, step);
        lab.join(name, name === 'n1' ? 'n2' : 'n1');
        lab.run(seconds(3));
      }
    };
    const off = { gossipVerifyIncoming: false, gossipVerifyOutgoing: false };
    restart({ keys: [A], config: off });
    restart({ keys: [A], config: { ...off, gossipVerifyOutgoing: true } });
    restart({ keys: [A] });
    lab.run(seconds(20));
    for (const name of ['n1', 'n2', 'n3']) {
      expect(['n1', 'n2', 'n3'].map((other) => lab.view(name, other).split(' ')[0])).toEqual(['alive', 'alive', 'alive']);
      expect(lab.logged(name, /Suspect/)).toEqual([]);
    }
  });

  test.each([
    ['without padding', 2, 29],
    ['padded for those who speak protocol 1', 1, 29 + 16],
  ] as const)('grows, %s', (_, spoken, most) => {
    const versions = [1, 5, spoken, 2, 5, 5] as const;
    const bare = sizes(pair({ versions }, { versions }), 'ping');
    const sealed = sizes(pair({ versions, keys: [A] }, { versions, keys: [A] }), 'ping');
    expect(sealed).toEqual(bare.map((bytes) => sealedSize(bytes, spoken === 2 ? 1 : 0)));
    for (const [i, bytes] of sealed.entries()) expect(bytes - (bare[i] as number)).toBeLessThanOrEqual(most);
  });
});

describe('a label', () => {
  const label = (text: string, config: Setting['config'] = {}): Setting => ({ config: { label: text, ...config } });

  test('keeps clusters apart', () => {
    expect(views(pair(label('blue'), label('blue')))).toEqual(BOTH);
    const lab = pair(label('blue'), label('green'));
    expect(views(lab)).toEqual(NEITHER);
    expect(lab.logged('n1', /discarding stream with unacceptable label "green": from=10\.0\.0\.2/)).toHaveLength(1);
    expect(lab.node('n2').replies.get(1)).toMatchObject({ problems: [{ problem: 'EOF' }] });
  });

  test('is missed where it is missing', () => {
    expect(views(pair(label('blue'), {}))).toEqual(NEITHER);
    const lab = pair({}, label('blue'));
    expect(views(lab)).toEqual(NEITHER);
    const nack = { type: 'nack', sequence: 1 } as GossipMessage;
    lab.tell('n1', { type: 'labelled', label: 'blue', message: nack } as GossipMessage, 'n2');
    expect(lab.logged('n1', /discarding packet with unacceptable label "blue": from=/)).toHaveLength(1);
  });

  test('that something else should have taken off is wrong even if it is the right one', () => {
    expect(views(pair(label('blue', { skipInboundLabelCheck: true }), label('blue')))).toEqual(NEITHER);
  });

  test('costs two bytes and its own on every packet', () => {
    const [bare] = sizes(pair({}, {}), 'ping');
    const [labelled] = sizes(pair(label('blue'), label('blue')), 'ping');
    expect((labelled as number) - (bare as number)).toBe(2 + 4);
    expect(labelSize('blau-grün')).toBe(2 + 10);
  });
});

test('packets stay within 1400 bytes and a checksum with label and seal', () => {
  const lab = new Lab({ keys: [A], config: { label: 'a-label-of-some-length' } });
  let longest = 0;
  lab.passed = (passing) => {
    if (!passing.streamed) longest = Math.max(longest, passing.bytes);
  };
  lab.gather(60, milliseconds(3));
  expect(longest).toBeGreaterThan(1350);
  expect(longest).toBeLessThanOrEqual(1405);
});

test('a plain packet to an agent that does not insist is read', () => {
  const lab = new Lab();
  lab.start('n1', { keys: [A], config: { gossipVerifyIncoming: false } });
  lab.start('n2');
  let acks = 0;
  lab.passed = (passing) => {
    if (passing.to === 'n2' && (passing.message as GossipMessage).type === 'sealed') acks++;
    if (passing.to === 'n2' && partsOf(passing)[0]?.type === 'ack') acks++;
  };
  const source = { source: lab.endpoint('n2'), sourceNode: lab.id('n2') };
  lab.tell('n1', { type: 'ping', sequence: 7, node: lab.id('n1'), ...source } as GossipMessage, 'n2');
  expect(acks).toBe(1);
});

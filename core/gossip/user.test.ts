import { describe, expect, test } from 'vitest';
import { type Prefix, parsePrefix } from '../address.ts';
import type { NameId } from '../names.ts';
import { milliseconds, seconds } from '../time.ts';
import { sample } from './choose.ts';
import type { Delegate } from './delegate.ts';
import { Lab } from './lab.ts';
import type { GossipMessage, Incarnation } from './message.ts';

/** An application that only listens, and refuses what it is told to. */
class Listener implements Delegate {
  readonly heard: unknown[] = [];
  private readonly refused: { alive?: string; merge?: string };

  constructor(refused: { alive?: string; merge?: string } = {}) {
    this.refused = refused;
  }

  meta = () => ({ text: '', bytes: 0 });
  received(_now: unknown, message: unknown): void {
    this.heard.push(message);
  }
  hasBroadcasts = () => false;
  broadcasts = () => 0;
  settle(): void {}
  ackPayload = () => undefined;
  pinged(): void {}
  localState = () => ({ state: undefined, bytes: 0 });
  merge(): void {}
  joined(): void {}
  left(): void {}
  updated(): void {}
  conflicted(): void {}
  contacted(): void {}
  departed(): void {}
  described(): void {}
  refusesAlive(_now: unknown, node: NameId): string | undefined {
    return node === 0 ? undefined : this.refused.alive;
  }
  refusesMerge(): string | undefined {
    return this.refused.merge;
  }
}

describe('a message of the application', () => {
  test('goes to an address, also to its own sender, as one datagram with nothing beside it', () => {
    const lab = new Lab();
    const listeners = ['n1', 'n2'].map((name) => {
      const delegate = new Listener();
      lab.start(name, { delegate });
      return delegate;
    });
    const sent: string[] = [];
    lab.passed = ({ to, message, bytes }) => sent.push(`${message.type} to ${to}: ${bytes}`);
    for (const to of ['n1', 'n2']) lab.gossip('n1').sendToAddress(lab.endpoint(to), `hello ${to}`, 2000, lab.node('n1').out(0));
    lab.run(seconds(1));
    expect(sent).toEqual(['user to n1: 2001', 'user to n2: 2001']);
    expect(listeners.map(({ heard }) => heard)).toEqual([['hello n1'], ['hello n2']]);
  });

  test('to a member has a checksum if that understands one', () => {
    const lab = new Lab().gather(2);
    const sent: number[] = [];
    lab.passed = ({ message, bytes }) => message.type === 'user' && sent.push(bytes);
    lab.gossip('n1').sendBestEffort(lab.id('n2'), 'hello', 10, lab.node('n1').out(0));
    expect(sent).toEqual([5 + 1 + 10]);
  });

  test('can have a stream of its own', () => {
    const lab = new Lab();
    const delegate = new Listener();
    lab.start('n1');
    lab.start('n2', { delegate });
    lab.join('n2', 'n1');
    lab.run(seconds(1));
    const sent: string[] = [];
    lab.passed = ({ message, bytes, streamed }) => message.type === 'user' && sent.push(`${streamed} ${bytes}`);
    lab.gossip('n1').sendReliable(lab.id('n2'), 'hello', 10, lab.node('n1').out(0));
    lab.run(seconds(1));
    expect(delegate.heard).toEqual(['hello']);
    // Type byte, map of one field, and the field's name, then ten bytes.
    expect(sent).toEqual([`true ${1 + 1 + 1 + 'UserMsgLen'.length + 1 + 10}`]);
  });
});

describe('a ping that was asked for', () => {
  test('tells how long it took, and changes nothing', () => {
    const lab = new Lab().gather(2);
    lab.node('n1').command(0, 5, { command: 'ping', node: lab.id('n2'), address: lab.endpoint('n2') });
    lab.run(seconds(1));
    expect(lab.node('n1').replies.get(5)).toEqual({ took: 2_000_000 });
  });

  test('ends after the probe timeout, and nobody is suspected for it', () => {
    const lab = new Lab({ config: { probeInterval: 0 as never } }).gather(2);
    lab.kill('n2', true);
    const asked = lab.now;
    lab.node('n1').command(0, 5, { command: 'ping', node: lab.id('n2'), address: lab.endpoint('n2') });
    expect(lab.when(() => lab.node('n1').replies.has(5), seconds(5)) - asked).toBe(500_000_000);
    expect(lab.node('n1').replies.get(5)).toEqual({ error: 'No response from node n2' });
    expect(lab.view('n1', 'n2')).toBe('alive 1');
  });
});

describe('an application', () => {
  test('may refuse members, one by one', () => {
    const lab = new Lab();
    lab.start('n1', { delegate: new Listener({ alive: 'not one of us' }) });
    lab.start('n2');
    lab.join('n2', 'n1');
    lab.run(seconds(5));
    expect([lab.view('n1', 'n2'), lab.view('n2', 'n1')]).toEqual(['', 'alive 1']);
    expect(lab.logged('n1', /ignoring alive message for 'n2': not one of us/).length).toBeGreaterThan(0);
  });

  test('may refuse a whole join; the one who asked has merged by then', () => {
    const lab = new Lab();
    lab.start('n1', { delegate: new Listener({ merge: 'no more' }) });
    lab.start('n2');
    lab.join('n2', 'n1');
    lab.run(milliseconds(50));
    expect([lab.view('n1', 'n2'), lab.view('n2', 'n1')]).toEqual(['', 'alive 1']);
    expect(lab.logged('n1', /Failed push\/pull merge: no more from=10\.0\.0\.2/)).toHaveLength(1);
  });

  test('that refuses where it joins fails to join', () => {
    const lab = new Lab();
    lab.start('n1');
    lab.start('n2', { delegate: new Listener({ merge: 'no more' }) });
    lab.join('n2', 'n1');
    lab.run(seconds(5));
    expect(lab.node('n2').replies.get(1)).toMatchObject({ contacted: 0, problems: [{ problem: 'no more' }] });
  });
});

describe('where members may be', () => {
  const allowed = (...texts: string[]): { config: { cidrsAllowed: readonly Prefix[] } } => ({
    config: { cidrsAllowed: texts.map((text) => parsePrefix(text) as Prefix) },
  });

  test('others are not taken in', () => {
    const lab = new Lab();
    lab.start('n1', allowed('10.0.0.1/32', '10.0.0.3/32'));
    for (const name of ['n2', 'n3']) {
      lab.start(name);
      lab.join(name, 'n1');
      lab.run(seconds(1));
    }
    expect([lab.view('n1', 'n2'), lab.view('n1', 'n3'), lab.view('n2', 'n1')]).toEqual(['', 'alive 1', 'alive 1']);
    expect(lab.logged('n1', /Rejected node n2 \(10\.0\.0\.2\): 10\.0\.0\.2 is not allowed/).length).toBeGreaterThan(0);
  });

  test('nobody moves to elsewhere, and an alive from elsewhere is not heard', () => {
    const lab = new Lab(allowed('10.0.0.0/30')).gather(3);
    const { descriptions } = lab.gossip('n1');
    const known = lab.gossip('n1').describe(lab.id('n3'));
    const address = lab.names.endpoint(0x0a_00_00_09 as never, 7946);
    const moved = {
      type: 'alive',
      incarnation: 9 as Incarnation,
      node: lab.id('n3'),
      description: descriptions.id({ ...known, address }),
    };
    lab.tell('n1', moved as GossipMessage, 'n2');
    expect(
      lab.logged('n1', /Rejected IP update from 10\.0\.0\.3 to 10\.0\.0\.9 for node n3: 10\.0\.0\.9 is not allowed/),
    ).toHaveLength(1);
    lab.start('n4');
    const renewed = { ...moved, description: descriptions.id(known) };
    lab.tell('n1', renewed as GossipMessage, 'n4');
    expect(lab.view('n1', 'n3')).toBe('alive 1');
    lab.tell('n1', renewed as GossipMessage, 'n2');
    expect(lab.view('n1', 'n3')).toBe('alive 9');
  });
});

test('the live are counted without those that are gone', () => {
  const lab = new Lab().gather(4);
  expect(lab.gossip('n1').countLive()).toBe(4);
  lab.kill('n4', true);
  lab.run(seconds(30));
  expect(lab.gossip('n1').countLive()).toBe(3);
});

test('a draw among names takes eligible ones, each once, and may miss some', () => {
  const names = [1, 2, 3, 4].map((name) => name as NameId);
  const isEven = (name: NameId) => name % 2 === 0;
  const counts = new Map<number, number>();
  const lab = new Lab();
  lab.start('n1');
  for (let round = 0; round < 1000; round++) {
    const chosen = sample(names, 2, isEven, lab.gossip('n1').random);
    expect(chosen.every(isEven) && new Set(chosen).size === chosen.length).toBe(true);
    counts.set(chosen.length, (counts.get(chosen.length) ?? 0) + 1);
  }
  // (3/4)¹² = 3 % miss a given one of the two.
  expect(counts.get(2)).toBeGreaterThan(900);
  expect(counts.get(1)).toBeGreaterThan(20);
});

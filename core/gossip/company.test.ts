import { describe, expect, test } from 'vitest';
import { add, milliseconds, seconds } from '../time.ts';
import { companyOf, type GossipCommand } from './gossip.ts';
import { Lab, partsOf, type Setting } from './lab.ts';
import { descriptionOf } from './members.ts';

/** Nodes that were started together and told that they know each other. */
function together(count: number, setting: Setting = {}): Lab {
  const lab = new Lab(setting);
  const names = Array.from({ length: count }, (_, i) => `n${i + 1}`);
  // A world names its hosts before anything else, so that a column by name has no gaps.
  for (const name of names) lab.id(name);
  const company = companyOf(
    names.map((name) => lab.start(name).acquaintance),
    lab.names,
  );
  const command: GossipCommand = { command: 'acquaint', company };
  for (const name of names) lab.node(name).command(0, 1, command);
  return lab;
}

const columns = (lab: Lab, name: string) => lab.gossip(name).state.members;

describe('members that know each other from the start', () => {
  test('know each other by their first incarnation, and have nothing to tell', () => {
    const lab = together(5);
    for (const name of lab.nodes.keys()) {
      expect(
        lab
          .gossip(name)
          .members()
          .map(({ name: id, status, incarnation }) => `${lab.names.text(id)} ${status} ${incarnation}`)
          .sort(),
      ).toEqual(['n1 alive 1', 'n2 alive 1', 'n3 alive 1', 'n4 alive 1', 'n5 alive 1']);
    }
    const sent = new Set<string>();
    lab.passed = (passing) => {
      for (const part of partsOf(passing)) sent.add(part.type);
    };
    lab.run(seconds(60));
    expect([...sent].sort()).toEqual(['ack', 'ping', 'push-pull', 'syn']);
    for (const name of lab.nodes.keys()) expect(lab.logged(name, /WARN|ERR|Suspect/)).toEqual([]);
  });

  test('are each somewhere else in their periods, and go through their lists in different orders', () => {
    const lab = together(20);
    const phases = new Set([...lab.nodes.keys()].map((name) => lab.gossip(name).state.origin));
    const orders = new Set([...lab.nodes.keys()].map((name) => columns(lab, name).order.join()));
    expect([phases.size, orders.size]).toEqual([20, 20]);
    const pings = new Map<string, number>();
    lab.passed = ({ from, message }) => {
      if (message.type === 'ping') pings.set(from, (pings.get(from) ?? 0) + 1);
    };
    lab.run(seconds(10));
    expect([...pings.values()]).toEqual(new Array(20).fill(10));
  });

  test('share no view: what one learns the others do not know', () => {
    const lab = together(3);
    lab.tell('n1', { type: 'dead', incarnation: 1 as never, node: lab.id('n3'), from: lab.id('n2') });
    expect(lab.gossip('n1').countLive()).toBe(2);
    expect(lab.gossip('n2').countLive()).toBe(3);
    expect(columns(lab, 'n1').rows).not.toBe(columns(lab, 'n2').rows);
  });

  test('find a dead one as fast as those that gathered', () => {
    const lab = together(10);
    lab.run(milliseconds(700));
    lab.kill('n10', true);
    const found = lab.when(() => lab.view('n1', 'n10') === 'dead 1', seconds(30));
    // At best at once, a period and the shortest suspicion; at worst every other member is probed before.
    expect(found).toBeGreaterThan(seconds(5));
    expect(found).toBeLessThan(add(milliseconds(700) as never, seconds(17 + 8 + 24)));
  });

  test('do so with a few bytes for each other', () => {
    const lab = together(300);
    const { order, rows } = columns(lab, 'n7');
    expect(order.byteLength + rows.byteLength).toBeLessThanOrEqual(8 * 300);
  });
});

test('of two with one name the first is known', () => {
  const lab = new Lab();
  const [first, second] = [lab.start('n1').acquaintance, { ...lab.start('n2').acquaintance, name: lab.id('n1') }];
  const { view } = companyOf([first, second], lab.names);
  expect(view.count).toBe(1);
  expect(descriptionOf(view, lab.id('n1'))).toBe(first.description);
});

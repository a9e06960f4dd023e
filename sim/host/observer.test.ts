import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareState, copyState, restoreState } from '../../core/state.ts';
import { add, seconds } from '../../core/time.ts';
import { Kind } from '../engine/journal.ts';
import { loadScenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';
import { World } from '../world.ts';
import { HostLab } from './lab.ts';
import type { ObservedPart, Observer } from './observer.ts';

const { registry } = surroundings;
const shipped = (name: string) =>
  loadScenario(readFileSync(new URL(`../../scenarios/${name}`, import.meta.url)), surroundings, name).plan;

/** Compares what each process is before an input with what it was after the one before. */
class Vigilant implements Observer {
  inputs = 0;
  readonly unseen: string[] = [];
  private readonly known = new Map<string, { parts: Map<string, ObservedPart>; states: Map<string, object> }>();

  feeding(part: ObservedPart): void {
    this.inputs++;
    const { parts, states } = this.process(part);
    parts.set(part.name, part);
    for (const [name, { protocol }] of parts) {
      const before = states.get(name);
      if (before === undefined) continue;
      if (compareState(protocol.state, before) !== undefined) this.unseen.push(`${name} of process ${part.pid} changed unseen`);
    }
  }

  fed(part: ObservedPart): void {
    const { parts, states } = this.process(part);
    for (const [name, { protocol }] of parts) states.set(name, copyState(protocol.state));
  }

  ended(part: ObservedPart): void {
    this.known.delete(`${part.node}/${part.pid}`);
  }

  private process({ node, pid }: ObservedPart) {
    const key = `${node}/${pid}`;
    const known = this.known.get(key) ?? { parts: new Map<string, ObservedPart>(), states: new Map<string, object>() };
    this.known.set(key, known);
    return known;
  }
}

describe('who observes protocols', () => {
  test.each([
    ['raft-failover.yaml', 11],
    ['two-segments.yaml', 100],
    ['consul-growing.yaml', 30],
  ])('of %s sees all that changes them, and does not change the run', (name, until) => {
    const plan = shipped(name);
    const alone = new World(plan, { registry });
    alone.simulation.runUntil(add(alone.now, seconds(until)));
    const observed = new World(plan, { registry });
    const vigilant = new Vigilant();
    observed.hosts.observers.push(vigilant);
    observed.simulation.runUntil(add(observed.now, seconds(until)));
    expect(vigilant.inputs).toBeGreaterThan(500);
    expect(vigilant.unseen).toEqual([]);
    expect(observed.fingerprint()).toBe(alone.fingerprint());
  });

  test('sees each datagram and timer once, also those that waited for a process that stood still', () => {
    const lab = new HostLab();
    const seen: string[] = [];
    const sent: number[] = [];
    lab.hosts.observers.push({
      fed: ({ node, name, program }, _now, { type }) => seen.push(`${node} ${program} ${name} ${type}`),
      sent: ({ node }, _to, _message, bytes, accepted) => sent.push(node, bytes, Number(accepted)),
    });
    lab.begin('a', 'echod 10.0.1.11');
    lab.begin('b', 'echod');
    lab.pass(seconds(2.5));
    lab.hosts.pause(1);
    lab.pass(seconds(2));
    lab.hosts.resume(1);
    lab.pass(seconds(1));
    const count = (word: string) => seen.filter((line) => line === word).length;
    expect(count('0 echod echo start')).toBe(1);
    expect(count('0 echod echo timeout')).toBe(lab.seen.filter(({ kind, node }) => kind === Kind.timer && node === 0).length);
    const isEcho = ({ word }: { readonly word: string }) => word === 'ping' || word === 'pong';
    const delivered = (node: number) =>
      lab.seen.filter((each) => each.kind === Kind.deliver && each.node === node && isEcho(each)).length;
    expect(count('0 echod echo receive')).toBe(delivered(0));
    expect(count('1 echod echo receive')).toBe(delivered(1));
    expect(sent.filter((_, i) => i % 3 === 0 && sent[i] === 0)).toHaveLength(delivered(1));
  });

  test('is told of every end, and of whom to look at after a restore', () => {
    const lab = new HostLab();
    const told: string[] = [];
    const observer: Observer = {
      ended: ({ pid }) => void told.push(`ended ${pid}`),
      saved: () => ({ told: told.length }),
      restored: (parts, saved) => void told.push(`restored ${parts.map(({ pid }) => pid).join(' ')}, ${JSON.stringify(saved)}`),
    };
    lab.hosts.observers.push(observer);
    lab.begin('a', 'echod');
    lab.begin('b', 'echod');
    const [a, b] = [lab.pid('a', 'echod'), lab.pid('b', 'echod')];
    lab.hosts.crash(0);
    const saved = copyState(lab.hosts.state);
    const remembered = lab.hosts.saveObservers();
    lab.type('b', 'pkill -INT echod');
    lab.pass(seconds(1));
    restoreState(lab.hosts.state, saved);
    lab.hosts.restored();
    lab.hosts.restoreObservers(remembered);
    lab.hosts.restoreObservers([]);
    expect(told).toEqual([`ended ${a}`, `ended ${b}`, `restored ${b}, {"told":1}`, `restored ${b}, undefined`]);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Instant, milliseconds, seconds } from '../../core/time.ts';
import { run } from '../run/run.ts';
import { loadScenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';
import type { Intervention } from './intervention.ts';

const { plan } = loadScenario(
  `
network: { segments: { lan: { subnet: 10.0.1.0/24 } } }
hosts: { n: { count: 6, on: lan } }
until: 300s
timeline:
  - { at: 0s, on: n, run: serf agent -discover=blue }
check: { eventually: [{ name: Agreement, within: 200s }] }
`,
  surroundings,
);

test('who reads late and has timers on time accuses others that answer at once; who is late with everything does not', () => {
  const accuses = (only: { readonly only?: 'network' }) => {
    const slow: Intervention = {
      kind: 'cpu-delay',
      host: 'n1',
      at: seconds(20) as number as Instant,
      until: seconds(80) as number as Instant,
      min: seconds(3),
      max: seconds(4),
      ...only,
    };
    const said: string[] = [];
    run(plan, {
      registry: surroundings.registry,
      interventions: [slow],
      listen: ({ names }) => [
        {
          record: () => {},
          cell: (_id, _at, node, member, field, value) => {
            if (node === 0 && names.text(field) === 'gossip.state' && value === 'suspect') said.push(names.text(member));
          },
        },
      ],
    });
    return said.some((member) => member !== 'n1');
  };
  expect(accuses({ only: 'network' })).toBe(true);
  expect(accuses({})).toBe(false);
});

const host = fc.constantFrom('n1', 'n2', 'n3');
const during = fc.tuple(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 1, max: 30_000 })).map(([start, length]) => ({
  at: milliseconds(start) as number as Instant,
  until: milliseconds(start + length) as number as Instant,
}));
const fault: fc.Arbitrary<Intervention> = fc.oneof(
  fc.tuple(host, during, fc.nat(2_000), fc.nat(3_000)).map(
    ([name, times, least, more]): Intervention => ({
      kind: 'cpu-delay',
      host: name,
      ...times,
      min: milliseconds(least),
      max: milliseconds(least + more),
    }),
  ),
  fc
    .tuple(host, host, during)
    .filter(([from, to]) => from !== to)
    .map(([from, to, times]): Intervention => ({ kind: 'link-loss', from, to, rate: 0.5, ...times })),
  fc.tuple(host, during).map(([name, times]): Intervention => ({ kind: 'host-pause', host: name, ...times })),
  fc.tuple(host, during).map(([name, { at }]): Intervention => ({ kind: 'clock-jump', host: name, at, by: -seconds(50) })),
  fc
    .tuple(host, during, fc.integer({ min: -200, max: 200 }))
    .map(([name, { at }, drift]): Intervention => ({ kind: 'clock-drift', host: name, at, drift })),
  fc.tuple(host, during).map(([name, { at }]): Intervention => ({ kind: 'process-restart', host: name, at })),
);

test('agents on hosts that are slow, stand still or have clocks that jump survive it, and agree in the end', () => {
  fc.assert(
    fc.property(fc.array(fault, { minLength: 1, maxLength: 6 }), fc.nat(1_000), (interventions, seed) => {
      const { findings } = run(plan, { registry: surroundings.registry, seed, interventions });
      expect(findings.map(({ verdict, says }) => `${verdict} ${says}`)).toEqual(['held ']);
    }),
    { numRuns: 25 },
  );
});

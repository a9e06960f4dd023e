import { describe, expect, test } from 'vitest';
import { sampleOf } from './collect.ts';
import { inSimulation } from './simulated.ts';
import { discovery } from './worlds/discovery.ts';
import { handlers, outputs } from './worlds/handlers.ts';
import { life } from './worlds/life.ts';
import { partition } from './worlds/partition.ts';
import { quiet } from './worlds/quiet.ts';

const JSON_OF_N3 = `{
  "members": [
    {
      "name": "n3",
      "addr": "10.77.0.3:7946",
      "port": 7946,
      "tags": {
        "role": "db"
      },
      "status": "alive",
      "protocol": {
        "max": 5,
        "min": 2,
        "version": 5
      }
    }
  ]
}
`;

const SEEN = `member-join, n1, role '', dc 'a', event '' 
n1\t10.77.0.1\t\tdc=a
member-join, n1, role '', dc 'a', event '' 
n2\t10.77.0.2\t\t
member-join, n1, role '', dc 'a', event '' 
n3\t10.77.0.3\tdb\trole=db
user, n1, role '', dc 'a', event 'deploy' 1
v1
user, n1, role '', dc 'a', event 'empty' 2
member-leave, n1, role '', dc 'a', event '' 
n2\t10.77.0.2\t\t
member-failed, n1, role '', dc 'a', event '' 
n3\t10.77.0.3\tdb\trole=db
`;

describe('every measure of every experiment comes to an end in the simulator', () => {
  test.each([life, quiet, discovery, partition])('$name', (experiment) => {
    const { world, measures } = sampleOf({ experiment, size: 3, samples: 1 }, 0);
    const seen = inSimulation(world, 'one of three');
    expect(measures.filter((measure) => measure.of(seen) === undefined).map(({ name }) => name)).toEqual([]);
  });
});

test('commands and an event handler print what they print with Debian’s serf 0.9.4', () => {
  expect(Object.fromEntries(outputs(inSimulation(handlers, 'handlers')))).toEqual({
    'serf join 10.77.0.1': 'Successfully joined cluster by contacting 1 nodes.\n',
    'serf join 10.77.0.2': 'Successfully joined cluster by contacting 1 nodes.\n',
    'serf event deploy v1': "Event 'deploy' dispatched! Coalescing enabled: true\n",
    'serf event -coalesce=false empty': "Event 'empty' dispatched! Coalescing enabled: false\n",
    'serf members -name=n3': 'n3  10.77.0.3:7946  alive  role=db\n',
    'serf members -detailed -name=n1': 'n1  10.77.0.1:7946  alive  dc=a  Protocol Version: 5  Available Protocol Range: [2, 5]\n',
    'serf members -format=json -name=n3': JSON_OF_N3,
    'serf leave': 'Graceful leave complete\n',
    'serf members -status=failed': 'n3  10.77.0.3:7946  failed  role=db\n',
    'cat /root/seen': SEEN,
  });
});

test('agents say of a ping that failed what Debian’s serf 0.9.4 says', () => {
  const deeds = handlers.deeds.map((deed) =>
    deed.does === 'run' && deed.line.startsWith('serf agent') ? { ...deed, line: `${deed.line} -log-level=debug` } : deed,
  );
  const { lines } = inSimulation({ ...handlers, deeds }, 'debug');
  const pings = lines.filter(({ text }) => /Failed .*ping/.test(text)).map(({ text }) => text);
  expect(new Set(pings)).toEqual(new Set(['[DEBUG] memberlist: Failed ping: n3 (timeout reached)']));
});

import { describe, expect, test } from 'vitest';
import { seconds } from '../../../core/time.ts';
import { lan } from '../../network/lab.ts';
import { HostLab } from '../lab.ts';
import { serf } from './serf.ts';
import { reaches } from './serf-rpc.ts';

test.each`
  to                  | at                  | reached
  ${'127.0.0.1:7373'} | ${'127.0.0.1:7373'} | ${true}
  ${'127.0.0.1:7373'} | ${'0.0.0.0:7373'}   | ${true}
  ${'10.0.0.1:7373'}  | ${'0.0.0.0:7373'}   | ${true}
  ${'10.0.0.1:7373'}  | ${'127.0.0.1:7373'} | ${false}
  ${':7373'}          | ${'127.0.0.1:7373'} | ${true}
  ${'127.0.0.1:7374'} | ${'127.0.0.1:7373'} | ${false}
`('who dials $to reaches an agent at $at: $reached', ({ to, at, reached }) => {
  expect(reaches(to, at)).toBe(reached);
});

test('a host has room for agents at several addresses', () => {
  const lab = new HostLab({}, { topology: lan(1), commands: [serf] });
  lab.begin('n1', 'serf agent -node a');
  lab.begin('n1', 'serf agent -node b -bind :8000 -rpc-addr 127.0.0.1:7400');
  lab.pass(seconds(1));
  lab.terminal('n1');
  expect(lab.type('n1', 'serf members')).toEqual(['a  10.0.0.1:7946  alive']);
  expect(lab.type('n1', 'serf members -rpc-addr=127.0.0.1:7400')).toEqual(['b  10.0.0.1:8000  alive']);
  expect(lab.type('n1', 'SERF_RPC_ADDR=127.0.0.1:7400 serf members')).toEqual(['b  10.0.0.1:8000  alive']);
  expect(lab.type('n1', 'serf members -rpc-addr=127.0.0.1:7500')).toEqual([
    'Error connecting to Serf agent: dial tcp 127.0.0.1:7500: connect: connection refused',
  ]);
});

describe('an agent with a token (Serf 0.9.4)', () => {
  const agent = (): HostLab => {
    const lab = new HostLab({ n1: { files: { 'a.json': '{"rpc_auth":"sesame"}' } } }, { topology: lan(1), commands: [serf] });
    lab.begin('n1', 'serf agent -config-file a.json');
    lab.pass(seconds(1));
    lab.terminal('n1');
    return lab;
  };

  test.each`
    line                                   | says
    ${'serf members'}                      | ${'Error retrieving members: Authentication required'}
    ${'serf event x'}                      | ${'Error sending event: Authentication required'}
    ${'serf info'}                         | ${'Error querying agent: Authentication required'}
    ${'serf leave'}                        | ${'Error leaving: Authentication required'}
    ${'serf keys -list'}                   | ${'Failed to gather member keys: Authentication required'}
    ${'serf members -rpc-auth=foo'}        | ${'Error connecting to Serf agent: Invalid authentication token'}
    ${'serf members -rpc-auth=sesame'}     | ${'n1  10.0.0.1:7946  alive'}
    ${'SERF_RPC_AUTH=sesame serf members'} | ${'n1  10.0.0.1:7946  alive'}
  `('$line: $says', ({ line, says }) => {
    expect(agent().type('n1', line).at(-1)).toBe(says);
  });
});

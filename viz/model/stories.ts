import type { Claim } from './claim.ts';
import type { Recipe } from './recipe.ts';

/** A moment of a story. */
export interface Scene {
  /** What to see, in a sentence or three. */
  readonly caption: string;
  /** Nanoseconds. */
  readonly at: number;
  readonly view?: string;
  readonly host?: string;
  readonly focus?: { readonly from: number; readonly to: number };
  /** What must be so in the run for the caption to be true. */
  readonly claims: readonly Claim[];
}

/** A run with captions at moments of it. The run is made when the story is told, so that what is told is what happens. */
export interface Story {
  readonly id: string;
  readonly title: string;
  /** What one learns, in a sentence. */
  readonly about: string;
  readonly recipe: Recipe;
  readonly scenes: readonly Scene[];
}

const S = 1e9;
const MS = 1e6;

type Shown = Extract<Claim, { shows: unknown }>['shows'];

/** What each of several servers of Raft shows of itself, by its cells. */
const server = (nodes: string, cells: Readonly<Record<string, Shown>>): Claim[] =>
  nodes.split(' ').flatMap((node) => Object.entries(cells).flatMap(([field, shows]) => told(node, node, `raft.${field}`, shows)));

/** What each of several says of somebody. */
const told = (nodes: string, subject: string, field: string, shows: Shown): Claim[] =>
  nodes.split(' ').map((node) => ({ node, subject, field, shows }));

const DISCOVERY: Story = {
  id: 'discovery',
  title: 'Discovery stops at the VLAN',
  about: 'Why agents that look for each other by multicast never find those behind a router, and what one join does.',
  recipe: { shipped: 'two-segments.yaml' },
  scenes: [
    {
      caption:
        'Two segments, and a router between them. On a an agent starts that is to discover a cluster called blue by multicast DNS. It asks the whole segment, and finds itself: one node joined.',
      at: 150 * MS,
      host: 'a',
      claims: [{ kind: 'output', node: 'a', text: 'agent.mdns: Joined 1 hosts' }, ...told('a', 'a', 'serf.status', 'alive')],
    },
    {
      caption:
        'Ten seconds later an agent starts on b, behind the router. Its questions light the right segment, and no other: such a group is link-local, and no router passes its packets on. So it finds itself, too.',
      at: 10_100_120_000,
      host: 'b',
      focus: { from: 9.9 * S, to: 12 * S },
      claims: [
        { kind: 'output', node: 'b', text: 'agent.mdns: Joined 1 hosts' },
        { kind: 'forward', node: 'gateway', most: 0 },
      ],
    },
    {
      caption:
        'More than a minute of asking changes nothing. Each agent is a cluster of its own, and neither has ever heard a word of the other.',
      at: 89 * S,
      view: 'members',
      claims: [
        { kind: 'deliver', node: 'a', peer: 'b', most: 0 },
        { kind: 'deliver', node: 'b', peer: 'a', most: 0 },
      ],
    },
    {
      caption:
        'At 90 s somebody types serf join 10.0.1.10 on b. That is unicast: ask the neighbour for the way, and the router passes it on.',
      at: 90_000_700_000,
      host: 'b',
      view: 'network',
      focus: { from: 89.9 * S, to: 90.1 * S },
      claims: [
        { kind: 'command', node: 'b', text: 'serf join 10.0.1.10' },
        { kind: 'forward', node: 'gateway', since: 90 * S },
      ],
    },
    {
      caption: 'Two milliseconds after the command they are one cluster. One address was enough; gossip does the rest.',
      at: 95 * S,
      host: 'b',
      view: 'members',
      claims: [...told('a', 'b', 'serf.status', 'alive'), ...told('b', 'a', 'serf.status', 'alive')],
    },
  ],
};

const ACCUSED: Story = {
  id: 'accused',
  title: 'A false accusation, and its refutation',
  about: 'How a member that is slow itself accuses a healthy one, and how that one clears its name.',
  recipe: { shipped: 'slow-node.yaml', until: 45 * S },
  scenes: [
    {
      caption:
        'Ten agents that know each other, probing one another once a second. At 30 s the processor of slow gets so busy that it reads its packets seconds late; its timers stay on time.',
      at: 30 * S,
      host: 'slow',
      view: 'members',
      claims: [{ kind: 'fault', node: 'slow', text: 'late' }],
    },
    {
      caption:
        'slow has probed fast6, and of course fast6 has answered. But the answer lies unread, time runs out, and slow says: fast6 is suspect. It also doubts itself: its health score rises, and it will wait longer next time.',
      at: 31_533_998_000 + 300,
      host: 'slow',
      view: 'spacetime',
      focus: { from: 30.5 * S, to: 32 * S },
      claims: [
        ...told('slow', 'fast6', 'gossip.state', 'suspect'),
        { node: 'slow', subject: 'slow', field: 'gossip.health', shows: [2, 3, 4] },
        { kind: 'crash', most: 0 },
      ],
    },
    {
      caption:
        'The rumour travels with the next messages. A tenth of a second later most believe it may be true: a row of the matrix is what one member thinks of all.',
      at: 31_650 * MS,
      host: 'fast6',
      view: 'members',
      claims: [...told('fast9 fast5', 'fast6', 'gossip.state', 'suspect')],
    },
    {
      caption:
        'fast6 hears what is said about it, and refutes: it raises its incarnation from 1 to 2. Only it may do that, and a claim about an older incarnation counts no more.',
      at: 31_664_487_000 + 600,
      host: 'fast6',
      view: 'spacetime',
      focus: { from: 31.5 * S, to: 32 * S },
      claims: [{ node: 'fast6', subject: 'fast6', field: 'gossip.incarnation', shows: 2 }],
    },
    {
      caption:
        'Four tenths of a second after the accusation everybody healthy holds fast6 to be alive again. Nobody ever showed it as failed.',
      at: 32 * S,
      host: 'fast6',
      view: 'members',
      claims: [
        ...told('fast1 fast2 fast3 fast4 fast5 fast7 fast8 fast9', 'fast6', 'gossip.state', 'alive'),
        ...told('fast1', 'fast6', 'serf.status', 'alive'),
      ],
    },
  ],
};

const FIGURE_8: Story = {
  id: 'figure-8',
  title: 'Figure 8: when a majority is not enough',
  about: 'Why a leader of Raft may not count the copies of an entry of an older term.',
  recipe: { shipped: 'raft-figure-8.yaml' },
  scenes: [
    {
      caption: '(a) n1 leads in term 2. It has written an entry, and before it was cut off, n2 alone got a copy: two of five.',
      at: 1400 * MS,
      host: 'n1',
      view: 'raft',
      claims: [...server('n1', { role: 'leader', term: 2, last: 2 }), ...server('n2', { last: 2 }), ...server('n3', { last: 1 })],
    },
    {
      caption:
        '(b) n1 has crashed. n5 leads in term 3 by the votes of n3 and n4, and has an entry of its own in the same place. Nobody else gets it.',
      at: 3300 * MS,
      host: 'n5',
      view: 'raft',
      claims: [
        { kind: 'crash', node: 'n1' },
        ...server('n5', { role: 'leader', term: 3, 'last term': 3 }),
        ...server('n2', { 'last term': 2 }),
      ],
    },
    {
      caption:
        '(c) n5 has crashed, n1 is back and leads in term 4. It copies its old entry, of term 2, to n3 and n4. Now n1 to n4 have it: four of five. Is it committed? n1 says no. It waits for an entry of its own term.',
      at: 6300 * MS,
      host: 'n1',
      view: 'raft',
      claims: [
        ...server('n1', { role: 'leader', term: 4 }),
        ...server('n2 n3 n4', { 'last term': 2 }),
        ...server('n1', { commit: 0 }),
      ],
    },
    {
      caption:
        '(d) And rightly so. n1 crashes again, and n5, whose last entry is of term 3, is more up to date than any of the others. It is elected in term 5 …',
      at: 12_021_343_000 + 600,
      host: 'n5',
      view: 'raft',
      claims: [...server('n5', { role: 'leader', term: 5 }), ...server('n2', { 'last term': 2 })],
    },
    {
      caption:
        '… and puts its entry over theirs. Had n1 told a client that the entry of term 2 was committed, it would be lost now. raft-figure-8-bug.yaml shows a leader that does.',
      at: 13 * S,
      host: 'n5',
      view: 'raft',
      claims: [...server('n5', { commit: 3 }), ...server('n2', { 'last term': 5 }), ...server('n3', { commit: 3 })],
    },
  ],
};

const PARTITION: Story = {
  id: 'partition',
  title: 'Two sides of a partition',
  about: 'What a leader does that ends up with the minority, and what the majority does without it.',
  recipe: { shipped: 'raft-partition.yaml' },
  scenes: [
    {
      caption: 'Five servers, and n1 leads in term 3. Clients here and there write and read; all goes well.',
      at: 9900 * MS,
      host: 'n1',
      view: 'raft',
      claims: server('n1', { role: 'leader', term: 3 }),
    },
    {
      caption:
        'At 10 s the network parts: n1 and n2 on one side, the other three on the other. n1 does not know yet. It still leads, and what it sends to three of four is lost.',
      at: 10_500 * MS,
      host: 'n1',
      view: 'network',
      claims: [{ kind: 'fault', text: 'cut' }, ...server('n1', { role: 'leader' }), { kind: 'drop', since: 10 * S, least: 10 }],
    },
    {
      caption:
        'A second later n1 has not heard from a majority, and steps down by itself: better no leader than one that cannot commit.',
      at: 11_100 * MS,
      host: 'n1',
      view: 'raft',
      claims: server('n1', { role: 'follower' }),
    },
    {
      caption:
        'The larger side elects n3 in term 4, and its clients go on. For a while two sides have two terms, and only one of them has a leader.',
      at: 13 * S,
      host: 'n3',
      view: 'raft',
      claims: [...server('n3', { role: 'leader', term: 4 }), ...server('n1', { term: 3 })],
    },
    {
      caption:
        'At 20 s the network is whole again. n1 and n2 hear of term 4 and follow. Nothing that a client was told is lost: the last check says so.',
      at: 22 * S,
      host: 'n1',
      view: 'raft',
      claims: [...server('n1', { role: 'follower', term: 4 }), ...server('n2', { term: 4 }), ...server('n3', { role: 'leader' })],
    },
  ],
};

export const STORIES: readonly Story[] = [DISCOVERY, ACCUSED, FIGURE_8, PARTITION];

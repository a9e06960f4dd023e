import { watched } from './agent-watch.ts';
import { asksAgents, erasesMembers, gossips, saysEvents } from './commands.ts';
import type { Property } from './property.ts';

type Applies = Exclude<Property['applies'], 'nominal'>;

const always = (says: string, property: string, applies: Applies = gossips): Property => watched(says, property, applies);

/** What Serf is held to at every step, in its own agents and in Consul's. */
export const SERF_PROPERTIES = {
  StatusChanges: always(
    'A member’s status changes only as it may: alive, then leaving or failed; leaving, then left or alive; failed, then left or alive; left, then alive; erased from any.',
    'Statuses change as they may',
  ),
  GoneListed: always('Who has failed or left is listed so, and nobody else.', 'Who is gone is listed as gone'),
  MembersCounted: always('As many members are counted as are held.', 'Members are counted'),
  NoSelfFailure: always('No agent holds itself to have failed.', 'Nobody fails itself'),
  ReapWindow: always('Who is gone is erased in the first look after its time, and not before.', 'Reap window', erasesMembers),
  EventsAlternate: always(
    'Of each member: join, updates, then leave or failed; leave may follow failed; reap is the last. Where events are gathered, nothing is told twice in a row.',
    'Events alternate',
  ),
  EventsTellView: always('Whoever followed the events of members knows what the agent lists.', 'Events tell the view'),
  IntentsDecide: always(
    'What is said of a member’s coming or going comes to what it must, if it is later than what was accepted before.',
    'Every intent comes to what it must',
  ),
  SerfNewsPassedOn: always('Events and intents that are new are kept and passed on.', 'News is kept and passed on'),
  HeardBeforeJoin: always('Who comes is held as was heard of it before it came.', 'Who comes is held as was heard'),
  EventsTold: always('A user event that is new is told.', 'What is new is told', saysEvents),
  QueriesTold: always('A query is told to whom it is for, once, and to nobody else.', 'Who is asked is told', asksAgents),
  QueriesAcknowledged: always(
    'Whoever a query is for acknowledges it, if it asks for that, and nobody else does.',
    'Queries are acknowledged',
    asksAgents,
  ),
  SerfExchangeComplete: always(
    'An exchange of states tells the clocks, all members, who has left, and the events that are remembered.',
    'An exchange tells what Serf holds',
  ),
  DepartureSaid: always('Whoever leaves says so before memberlist tells its death.', 'Who leaves says so first'),
  DepartureStays: always(
    'Who leaves stays for the time that is set after its departure went out.',
    'Who leaves stays for a while',
  ),
  LamportPasses: always('A Lamport clock is beyond every time that was heard.', 'Clocks pass what is heard'),
  LamportForward: always('Lamport clocks never fall.', 'Clocks go forward'),
  LamportTogether: always('Lamport clocks run away by no more than what is said.', 'Clocks stay together'),
  UserEventOnce: always('No user event is told twice.', 'User events are told once', saysEvents),
  NoOldEvents: always(
    'No user event is told from before the least time that counts.',
    'No event from before its time',
    saysEvents,
  ),
  SaidAfterHeard: always(
    'A user event’s time is above all that its sender was told.',
    'What is said is later than what was heard',
    saysEvents,
  ),
  RememberedMetClock: always(
    'No time of an event or query that is remembered is beyond the clock.',
    'What is remembered has met the clock',
  ),
  QueryOnce: always('No query is heard twice.', 'Queries are heard once', asksAgents),
  ClosedQueriesSilent: always('A query takes no answers after it has closed.', 'Closed queries take no answers', asksAgents),
  AnswersOnce: always('Everybody’s answer to a query counts once.', 'Answers count once', asksAgents),
  CoordinatesFinite: always(
    'Coordinates are finite, at least 10 µs high, with an error of at most 1.5.',
    'Coordinates are finite',
  ),
} satisfies Record<string, Property>;

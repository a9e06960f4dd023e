import { formatInstant } from '../../core/time.ts';
import { countText, lengthText } from '../model/clock.ts';
import { BELIEFS, code } from '../model/matrix.ts';
import type { Picture } from '../model/picture.ts';
import { type EntryMoment, mismatchOf, type RaftServer, RaftServers } from '../model/raft.ts';
import { type CellTable, nameOf } from '../model/run.ts';
import type { App } from './app.ts';
import { element } from './element.ts';
import { matrixOf } from './members.ts';
import { type Chosen, indexAt, paintRaft, type RaftSheet, rowAt, sheetOf } from './raft-sheet.ts';
import { pointIn, Surface } from './surface.ts';
import { colours } from './theme.ts';
import { type TableData, twinOf } from './twin.ts';

const models = new WeakMap<Picture, RaftServers>();

/** The Raft servers of a run, or of the window that is open. */
export function raftOf(picture: Picture): RaftServers {
  let model = models.get(picture);
  if (model === undefined) {
    model = new RaftServers(picture.run);
    models.set(picture, model);
  }
  return model;
}

const known = new WeakMap<CellTable, { readonly count: number; readonly has: boolean }>();

/** Whether any node of a run is a Raft server. It is asked in each frame, and a run may have a million cells. */
export const hasRaft = ({ run: { table } }: Picture): boolean => {
  const before = known.get(table);
  if (before?.count === table.count) return before.has;
  let has = false;
  for (let cell = 0; cell < table.count && !has; cell++) has = table.field(cell) === 'raft.role';
  known.set(table, { count: table.count, has });
  return has;
};

/** Raft: who was what in which term, the logs side by side, and who knows how much of them to be committed. */
export function mountRaft(root: HTMLElement, app: App): void {
  let chosen: Chosen | undefined;
  let sheet: RaftSheet | undefined;
  const summary = element('p', { class: 'unseen', id: 'raft-text' });
  const status = element('output', { class: 'found' });
  const about = element('p', { class: 'about' });
  const picture = element('div', { class: 'picture' });
  const tools = element('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Raft' });
  root.append(tools, picture, about, legend(), summary);
  const surface = new Surface(picture, { label: 'Raft: roles, terms and logs', summary, until: app.closing }, paint);
  const twin = twinOf(root, picture, app, table);
  const step = (label: string, by: number): HTMLElement =>
    element(
      'button',
      { type: 'button', class: 'quiet small', onclick: () => choose(chosen?.row ?? 0, (chosen?.index ?? newest() + 1) + by) },
      label,
    );
  tools.append(status, step('Earlier entry', -1), step('Later entry', 1), twin);

  const position = (): number => app.store.state.cursor.position;
  const newest = (): number =>
    Math.max(
      1,
      ...raftOf(app.picture)
        .at(position())
        .map(({ last }) => last),
    );

  function paint(context: CanvasRenderingContext2D): void {
    const raft = raftOf(app.picture);
    const servers = raft.at(position());
    const { focus, cursor, node } = app.store.state;
    const span = focus ?? { from: 0, to: Math.max(1, app.picture.run.end) };
    sheet = sheetOf(servers, surface.width, surface.height, chosen?.index ?? newest(), chosen !== undefined);
    paintRaft(context, colours(), {
      raft,
      whole: raftOf(app.whole),
      servers,
      faults: app.picture.faults,
      span,
      instant: cursor.instant,
      position: cursor.position,
      node,
      chosen,
      sheet,
      font: getComputedStyle(surface.canvas).fontFamily,
    });
    tell(servers);
  }

  function tell(servers: readonly RaftServer[]): void {
    const raft = raftOf(app.picture);
    const leaders = servers.filter(({ role }) => role === 'leader');
    const said = leaders.map((leader) => {
      const votes = raft.votes(servers, leader);
      const heard = raft.heardSince(leader, position());
      const since =
        heard === undefined ? '' : `, a majority has answered what it sent ${ago(app.store.state.cursor.instant - heard)} ago`;
      return `${leader.name} leads in term ${leader.term} (votes of ${votes.join(', ') || 'nobody now'})${since}`;
    });
    const behind = servers
      .filter(({ match }) => match !== undefined && match < newest())
      .map(({ name, match }) => `${name} by ${newest() - (match as number)}`);
    const facts = [
      said.join('; ') || 'Nobody leads',
      ...(behind.length === 0 ? [] : [`known to lag: ${behind.join(', ')}`]),
      configurationText(servers),
      ...mismatches(app, servers),
    ].filter((text) => text !== '');
    const text = facts.join(' · ');
    if (status.textContent !== text) {
      status.replaceChildren(text);
      status.title = text;
    }
    const roles = servers
      .map(
        ({ name, role, term, last, commit }) =>
          `${name} ${role ?? 'not started'}, term ${term}, log to ${last}, committed to ${commit}`,
      )
      .join('; ');
    const spoken = `${text}. ${roles}.`;
    if (summary.textContent !== spoken) summary.textContent = spoken;
    showChosen();
  }

  /** What became of the chosen entry, each step of it a way to the event. */
  function showChosen(): void {
    const raft = raftOf(app.picture);
    const server = raft.nodes[chosen?.row ?? -1];
    if (chosen === undefined || server === undefined) {
      about.replaceChildren('Choose an entry of a log to read how it came there: who appended, acknowledged and committed it.');
      return;
    }
    const term = raft.log.term(server, chosen.index, position());
    const name = nameOf(app.picture.run, server);
    if (term === undefined || term === 0) {
      about.replaceChildren(
        term === 0
          ? `Entry ${chosen.index} of ${name} came in a snapshot, or before what is open.`
          : `${name} has no entry ${chosen.index} now.`,
      );
      return;
    }
    const type = raft.log.typeOf(chosen.index, term);
    about.replaceChildren(
      `Entry ${chosen.index} of term ${term}, ${type?.type ?? 'not sent to anybody'}: `,
      ...raft.story(chosen.index, term).flatMap((moment, i) => [...(i === 0 ? [] : [', ']), momentLink(app, moment)]),
    );
  }

  function choose(row: number, index: number): void {
    const raft = raftOf(app.picture);
    const within = Math.max(0, Math.min(raft.nodes.length - 1, row));
    chosen = { row: within, index: Math.max(1, Math.min(newest(), index)) };
    app.select(raft.nodes[within] as number);
    surface.touch();
  }

  const STEPS: Readonly<Record<string, readonly [row: number, index: number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    PageUp: [0, -20],
    PageDown: [0, 20],
    Home: [0, -Infinity],
    End: [0, Infinity],
  };
  surface.canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = STEPS[event.key];
    if (event.key === 'Escape' && chosen !== undefined) {
      chosen = undefined;
      surface.touch();
    } else if (event.key === 'Enter') about.querySelector('button')?.click();
    else if (by !== undefined)
      choose(
        (chosen?.row ?? 0) + (chosen === undefined ? 0 : by[0]),
        (chosen?.index ?? newest()) + (chosen === undefined ? 0 : by[1]),
      );
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  surface.canvas.addEventListener('click', (event) => {
    if (sheet === undefined) return;
    const { x, y } = pointIn(surface.canvas, event);
    const row = rowAt(sheet, y);
    if (row === undefined) return;
    const node = raftOf(app.picture).nodes[row.row];
    if (row.part === 'log') {
      const index = indexAt(sheet, x);
      if (index !== undefined) choose(row.row, index);
      else if (node !== undefined) app.select(node);
    } else if (x >= sheet.left && x <= sheet.right) {
      const { focus } = app.store.state;
      const span = focus ?? { from: 0, to: app.picture.run.end };
      app.seek(Math.round(span.from + ((x - sheet.left) / (sheet.right - sheet.left)) * (span.to - span.from)));
    } else if (node !== undefined) app.select(node);
  });

  function table(): TableData {
    const raft = raftOf(app.picture);
    const servers = raft.at(position());
    return {
      caption:
        'The servers now. What is committed is executed at once. Match: how much of its log the leader knows to equal its own. Next: what it would send. A majority has answered what a leader sent at the time in the last column but one: its lease counts from there.',
      columns: [
        'Server',
        'Role',
        'Term',
        'Voted for',
        'Leader',
        'Log ends',
        'Its term',
        'Committed',
        'Match',
        'Next',
        'Snapshot',
        'Voters',
        'Learners',
        'Majority heard (s)',
        'Last entries (index:term)',
      ],
      rows: servers.map((server) => [
        { text: server.name, act: () => app.select(server.node) },
        server.role ?? '',
        String(server.term),
        server.vote,
        server.leader,
        countText(server.last),
        String(server.lastTerm),
        countText(server.commit),
        server.match === undefined ? '' : countText(server.match),
        server.next === undefined ? '' : countText(server.next),
        countText(server.snapshot),
        [server.voters.join(' '), server.outgoing.join(' ')].filter((text) => text !== '').join(' | '),
        server.learners.join(' '),
        heardText(raft.heardSince(server, position())),
        Array.from({ length: Math.min(8, server.last) }, (_, i) => server.last - i)
          .reverse()
          .map((index) => `${index}:${raft.log.term(server.node, index, position()) || '?'}`)
          .join(' '),
      ]),
    };
  }

  app.store.watch(() => surface.touch());
}

const ago = (length: number): string => lengthText((Math.round(length / 1e4) * 1e4) as never);
const heardText = (at: number | undefined): string => (at === undefined ? '' : formatInstant(at as never, 6));

/** The configuration, if all servers act by the same one; otherwise who differs. */
function configurationText(servers: readonly RaftServer[]): string {
  const text = ({ voters, outgoing, learners }: RaftServer): string =>
    [
      `voters ${voters.join(' ')}`,
      ...(outgoing.length === 0 ? [] : [`leaving joint configuration with ${outgoing.join(' ')}`]),
      ...(learners.length === 0 ? [] : [`learners ${learners.join(' ')}`]),
    ].join(', ');
  const known = servers.filter(({ voters }) => voters.length > 0);
  const kinds = [...new Set(known.map(text))];
  if (kinds.length <= 1) return kinds[0] ?? '';
  return kinds
    .map(
      (kind) =>
        `${known
          .filter((server) => text(server) === kind)
          .map(({ name }) => name)
          .join(' ')}: ${kind}`,
    )
    .join('; ');
}

/** Where what a server's member list says and what its configuration says part. */
function mismatches(app: App, servers: readonly RaftServer[]): string[] {
  const { members } = app.picture;
  if (members.observers.length === 0) return [];
  const matrix = matrixOf(app.picture);
  matrix.seek(app.store.state.cursor.position);
  return servers.flatMap((server) => {
    const row = members.observers.indexOf(server.node);
    if (row < 0 || server.voters.length === 0) return [];
    const alive = new Set(
      members.subjects.filter(
        (_, column) => BELIEFS[matrix.beliefs[row * matrix.columns + column] as number] === BELIEFS[code('alive')],
      ),
    );
    const found = mismatchOf(server, servers, alive);
    if (found === undefined || (found.gone.length === 0 && found.extra.length === 0)) return [];
    const parts = [
      ...(found.gone.length === 0 ? [] : [`peers ${found.gone.join(' ')} are no living members`]),
      ...(found.extra.length === 0 ? [] : [`living members ${found.extra.join(' ')} are no peers`]),
    ];
    return [`${server.name}: ${parts.join(', ')}`];
  });
}

function momentLink(app: App, { place, node, what }: EntryMoment): HTMLElement {
  const { run } = app.picture;
  const at = formatInstant(run.records.at[place] as never, 6);
  return element(
    'button',
    { type: 'button', class: 'link', title: `${what} by ${nameOf(run, node)} at ${at} s`, onclick: () => app.visit(place) },
    `${nameOf(run, node)} ${what} ${at}`,
  );
}

const legend = (): HTMLElement =>
  element(
    'p',
    { class: 'legend' },
    element('span', {}, 'L leads, C and P campaign, F follows'),
    element('span', {}, 'filled: committed there'),
    element('span', {}, '▲ known to the leader'),
    element('span', {}, '▽ sent by it'),
  );

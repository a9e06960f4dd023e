import { formatInstant, type Instant } from '../../core/time.ts';
import type { Finding } from '../check/check.ts';
import { describeIntervention } from '../intervention/intervention.ts';
import type { Measured } from '../run/measures.ts';
import type { Report } from '../run/run.ts';
import type { TerminalLine } from '../run/terminals.ts';
import { overall } from '../run/verdict.ts';
import type { Scenario } from '../scenario/load.ts';
import type { Plan } from '../scenario/plan.ts';
import type { RunFlags } from './run.ts';
import type { Style, Terminal } from './terminal.ts';

/** Nanoseconds of each unit that a measure may be shown in. */
const UNITS = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 } as const;

const DECIMALS = 6;

/** A duration in the unit of its measure, cut to six significant digits: exact in the JSON, short for people. */
export const inUnit = (nanoseconds: number, unit: Measured['unit']): number => nanoseconds / UNITS[unit];
export const shown = (value: number, unit: Measured['unit']): string => `${Number(value.toPrecision(6))} ${unit}`;

/** `121.104000  serf-test01  $ serf members` */
export function printLine({ at, node, typed, text }: TerminalLine, plan: Plan, style: Style): string {
  const width = Math.max(...plan.hosts.map(({ name }) => name.length));
  const time = formatInstant(at, DECIMALS).padStart(formatInstant(plan.end, DECIMALS).length);
  const name = (plan.topology.nodes[node]?.name ?? '').padEnd(width);
  return `${style('dim', time)}  ${style('cyan', name)}  ${typed ? style('bold', `$ ${text}`) : text}`.trimEnd();
}

const MARKS = { held: ['green', '✓'], violated: ['red', '✗'], inconclusive: ['yellow', '?'] } as const;

function printFinding({ check, verdict, says, at }: Finding, terminal: Terminal): void {
  const [colour, mark] = MARKS[verdict];
  terminal.people(`  ${terminal.style(colour, mark)} ${check}`);
  if (verdict === 'held') return;
  terminal.people(`    ${verdict}${verdict === 'violated' ? ` at ${formatInstant(at, 3)} s` : ''}: ${says}`);
}

/** What a run came to, for people: verdicts, measures and, after a failure, how to see it again. */
export function printReport(
  report: Report,
  { name, path, plan, flags }: { readonly name: string; readonly path: string; readonly plan: Plan; readonly flags: RunFlags },
  terminal: Terminal,
): void {
  const { packets, findings, measures } = report;
  const dropped = Object.values(packets.dropped).reduce((sum, each) => sum + each, 0);
  terminal.people('');
  terminal.people(
    `${terminal.style('bold', name)}: ${plan.hosts.length} hosts, ${formatInstant(report.end, 3)} s simulated, seed ${report.seed}, ` +
      `${packets.sent} packets sent, ${dropped} dropped`,
  );
  for (const finding of findings) printFinding(finding, terminal);
  for (const { name: measure, duration, unit } of measures) {
    terminal.people(`  ${measure}: ${duration === undefined ? 'not reached' : shown(inUnit(duration, unit), unit)}`);
  }
  const { unapplied } = report;
  if (unapplied.length > 0) terminal.people(`  did not apply: ${unapplied.length} of ${report.applied.length} interventions`);
  for (const { index, intervention, reason } of unapplied)
    terminal.people(`    ${index}: ${describeIntervention(intervention)}: ${reason}`);
  terminal.people(`  fingerprint ${report.fingerprint}`);
  if (report.interrupted) terminal.people(`Interrupted at ${formatInstant(report.end, 3)} s; this is what happened until then.`);
  const verdict = overall(findings, flags.allowUnexercised === true);
  if (verdict === 'held') return;
  const broken = findings.filter((finding) => finding.verdict === verdict);
  terminal.people('');
  terminal.people(`${broken.length} of ${findings.length} ${verdict}. To see it again:`);
  terminal.people(`  npx partita run ${path} --seed ${report.seed} --trace failure.partita && npx partita view failure.partita`);
}

/** The report as data: times in seconds, measures in their units. Equal runs give equal JSON. */
export function reportJson(
  report: Report,
  { plan }: Scenario,
  about: { readonly name: string; readonly version: string },
): object {
  const host = (node: number) => plan.topology.nodes[node]?.name;
  return {
    partita: about.version,
    scenario: about.name,
    seed: report.seed,
    end: seconds(report.end),
    interrupted: report.interrupted,
    fingerprint: report.fingerprint,
    records: report.records,
    packets: report.packets,
    verdict: overall(report.findings, false),
    findings: report.findings.map(({ at, ...finding }) => ({ ...finding, at: seconds(at) })),
    measures: report.measures.map(measureJson),
    output: report.jobs.map(({ at, node, command, lines, status }) => ({
      at: seconds(at),
      host: host(node),
      command,
      lines,
      status,
    })),
    unapplied: report.unapplied,
  };
}

const seconds = (instant: Instant): number => instant / UNITS.s;

export const measureJson = ({ name, unit, duration }: Measured): object => ({
  name,
  unit,
  value: duration === undefined ? null : inUnit(duration, unit),
});

import type { CampaignSummary } from '../campaign/campaign.ts';
import { describeIntervention } from '../intervention/intervention.ts';
import type { Kept } from '../node/keep.ts';
import { commandFor, nameOf } from './check-report.ts';
import type { Underway } from './check-scenario.ts';

/** A campaign as CI servers read it: a test case for each check and each kind of fault (the JUnit format of Ant). */
export function junitReport(
  { checks, faults, runs }: CampaignSummary,
  kept: readonly Kept[],
  { underway, took }: { readonly underway: Underway; readonly took: number },
): string {
  const suite = nameOf(underway);
  const lenient = underway.flags.allowUnexercised === true;
  const lacks = (says: string): string =>
    lenient ? `<skipped message="${escaped(says)}"/>` : `<failure type="inconclusive" message="${escaped(says)}"/>`;
  const broken = new Set(kept.map(({ failure }) => failure.check));
  const cases = [
    ...kept.map((one) => testcase(suite, `${one.failure.check} ${one.group.fingerprint}`, violation(one, underway))),
    ...Object.entries(checks).flatMap(([name, count]) =>
      broken.has(name) ? [] : [testcase(suite, name, count.runs === 0 ? lacks(`never exercised in ${runs} runs`) : '')],
    ),
    ...Object.entries(faults).map(([kind, { enabled, fired }]) =>
      testcase(`${suite}.faults`, kind, fired === 0 ? lacks(`never changed a run; ${enabled} of ${runs} had it`) : ''),
    ),
  ];
  const failures = cases.filter((each) => each.includes('<failure')).length;
  const skipped = cases.filter((each) => each.includes('<skipped')).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${escaped(suite)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${took.toFixed(3)}">`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n');
}

function violation(one: Kept, underway: Underway): string {
  const { failure, case: of } = one;
  const lines = [...of.interventions.map(describeIntervention), commandFor(one, underway)];
  return `<failure type="violated" message="${escaped(failure.says)}">${escaped(lines.join('\n'))}</failure>`;
}

const testcase = (suite: string, name: string, content: string): string =>
  `  <testcase classname="${escaped(suite)}" name="${escaped(name)}">${content}</testcase>`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' };

/** Text as it stands in XML 1.0, which has no way to write most control characters. */
const escaped = (text: string): string =>
  [...text].map((char) => ENTITIES[char] ?? (char < ' ' && char !== '\t' ? '?' : char)).join('');

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Outcome } from '../campaign/outcome.ts';
import { MissingFile } from '../node/scenario-file.ts';
import { csvField } from './many.ts';

const HEAD = ['run', 'seed', 'verdict', 'check', 'at (s)', 'says', 'interventions', 'applied', 'records', 'simulated (s)'];

/** A file with a row for each run of a campaign, written as they are counted. */
export class CampaignRows {
  private readonly file: number | undefined;

  /**
   * @param path nothing is written when absent
   * @throws MissingFile when it cannot be written
   */
  constructor(path: string | undefined) {
    if (path === undefined) return;
    try {
      this.file = openSync(path, 'w');
    } catch (error) {
      throw new MissingFile(`${path} cannot be written: ${(error as Error).message}`);
    }
    this.write(HEAD);
  }

  add(outcomes: readonly Outcome[]): void {
    for (const { index, seed, failure, interventions, unapplied, records, simulated } of outcomes) {
      const found = failure === undefined ? ['held', '', '', ''] : ['violated', failure.check, failure.at / 1e9, failure.says];
      this.write([index, seed, ...found, interventions, interventions - unapplied, records, simulated / 1e9]);
    }
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
  }

  private write(fields: readonly (string | number)[]): void {
    if (this.file !== undefined) writeSync(this.file, `${fields.map(csvField).join(',')}\n`);
  }
}

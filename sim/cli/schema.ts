import { Command } from 'commander';
import { jsonSchema } from '../scenario/schema.ts';
import type { Terminal } from './terminal.ts';

/** `partita schema`: what a scenario may hold, for editors. */
export function schemaCommand(terminal: Terminal): Command {
  return new Command('schema')
    .description('print the JSON Schema of scenarios, for editors')
    .addHelpText(
      'after',
      `
Examples:
  partita schema > scenario.schema.json
  then, as the first line of a scenario:  # yaml-language-server: $schema=scenario.schema.json`,
    )
    .action(() => terminal.data(`${JSON.stringify(jsonSchema(), null, 2)}\n`));
}

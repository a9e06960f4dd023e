import { Command, CommanderError } from 'commander';
import { AssertionError } from '../../core/assert.ts';
import { ProtocolError } from '../host/hosts.ts';
import { version } from '../node/package-info.ts';
import { BadModule, MissingFile } from '../node/scenario-file.ts';
import { formatReport, ScenarioError } from '../scenario/problem.ts';
import { checkCommand } from './check.ts';
import { diffCommand } from './diff.ts';
import { doctorCommand } from './doctor.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import { logCommand } from './log.ts';
import { replayCommand } from './replay.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { viewCommand } from './view.ts';

/** Where a command leaves what it ends with. */
export interface Outcome {
  exit: ExitCode;
}

/**
 * The command line. Never throws: whatever goes wrong becomes a sentence and an exit code.
 *
 * @param args without the interpreter and the script
 * @returns the exit code
 */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const outcome: Outcome = { exit: Exit.held };
  const program = new Command('partita')
    .description(
      'Simulates networks of hosts that run gossip protocols: the same run for the same scenario and seed, everywhere.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => terminal.data(text),
      writeErr: (text) => terminal.people(text.trimEnd()),
    })
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES);
  for (const command of [
    runCommand,
    checkCommand,
    replayCommand,
    logCommand,
    diffCommand,
    viewCommand,
    schemaCommand,
    doctorCommand,
  ]) {
    program.addCommand(command(terminal, outcome).exitOverride().copyInheritedSettings(program));
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return outcome.exit;
  } catch (error) {
    terminal.done();
    return explain(error, terminal);
  }
}

const EXAMPLES = `
Examples:
  partita run scenarios/softlayer-vlans.yaml                    one run, with what the hosts printed
  partita run scenarios/softlayer-vlans.yaml --runs 200         how long things take, over 200 seeds
  partita check scenarios/raft-five.yaml --runs 1000            does it hold whatever goes wrong?
  partita replay scenarios/regressions/busy-probe.yaml          a recorded failure: is it still there?
  partita run scenarios/softlayer-vlans.yaml --trace run.partita
  partita log run.partita --from 120s --to 125s                 what happened then
  partita view run.partita                                      the same in a browser

Exit codes: 0 all held · 1 something was violated · 2 inconclusive · 3 not deterministic · 64 usage · 65 bad scenario or file · 66 input missing · 70 a bug in
Partita · 130 interrupted`;

function explain(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.held : Exit.usage;
  if (error instanceof CommandError) {
    terminal.people(`partita: ${error.message}`);
    return error.exit;
  }
  if (error instanceof ScenarioError) {
    const count = error.problems.length;
    terminal.people(formatReport(error, terminal.colour));
    terminal.people(`\npartita: ${count} ${count === 1 ? 'mistake' : 'mistakes'}; nothing was run.`);
    return Exit.badInput;
  }
  if (error instanceof MissingFile) {
    terminal.people(`partita: ${error.message}`);
    return Exit.inputMissing;
  }
  if (error instanceof BadModule) {
    terminal.people(`partita: ${error.message}`);
    return Exit.badInput;
  }
  const isOurs = error instanceof AssertionError || error instanceof ProtocolError;
  terminal.people(`partita: ${error instanceof Error ? error.message : String(error)}`);
  terminal.people(
    `This is a bug in ${isOurs && error instanceof ProtocolError ? `the protocol ${error.protocol}` : 'Partita'}. Please report it with the scenario, the seed and \`partita --version\`.`,
  );
  if (process.env.PARTITA_DEBUG && error instanceof Error) terminal.people(error.stack ?? '');
  return Exit.ourBug;
}

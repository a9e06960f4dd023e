import { Command } from 'commander';
import { findBrowser } from '../node/browser.ts';
import { version } from '../node/package-info.ts';
import { viewerPage } from '../node/page.ts';
import { Exit } from './exit.ts';
import type { Outcome } from './main.ts';
import type { Terminal } from './terminal.ts';

interface Fact {
  readonly what: string;
  readonly ok: boolean;
  readonly says: string;
}

const OLDEST_NODE = [20, 19] as const;

async function facts(): Promise<Fact[]> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const nodeIsNewEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const viewer = viewerFact();
  const browser = await findBrowser();
  return [
    { what: 'Partita', ok: true, says: version },
    {
      what: 'Node',
      ok: nodeIsNewEnough,
      says: nodeIsNewEnough ? process.versions.node : `${process.versions.node} is too old. Install 20.19 or later.`,
    },
    viewer,
    {
      what: 'test browser',
      ok: !('problem' in browser),
      says:
        'problem' in browser
          ? `${browser.problem}. Only the project’s own tests need it.`
          : `${browser.version} (${browser.source})`,
    },
  ];
}

function viewerFact(): Fact {
  try {
    return { what: 'viewer', ok: true, says: `${Math.round(viewerPage().length / 1024)} KiB` };
  } catch (error) {
    return { what: 'viewer', ok: false, says: (error as Error).message };
  }
}

/** `partita doctor`: what this machine has and lacks. */
export function doctorCommand(terminal: Terminal, outcome: Outcome): Command {
  return new Command('doctor')
    .description('say what this machine has of what Partita needs, and what to do about the rest')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  partita doctor')
    .action(async ({ json }: { json?: true }) => {
      const found = await facts();
      if (json) terminal.data(`${JSON.stringify({ facts: found }, null, 2)}\n`);
      else
        for (const { what, ok, says } of found)
          terminal.people(`${ok ? terminal.style('green', '✓') : terminal.style('red', '✗')} ${what.padEnd(13)} ${says}`);
      if (!found.every(({ ok }) => ok)) outcome.exit = Exit.violated;
    });
}

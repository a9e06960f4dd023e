import { assert, unreachable } from '../../../core/assert.ts';
import { codeOf, type Instruction } from './compile.ts';
import { expandFields, expandStretches, expandText } from './expand.ts';
import type { ShellHost } from './host.ts';
import { runCommand } from './invoke.ts';
import { backgroundJob, type Frame, type JobState, variablesOf } from './job.ts';
import { matches } from './pattern.ts';
import { flush, write } from './print.ts';
import { beginStage, endStage, leaveScope, open } from './scope.ts';

/** Instructions at one instant after which a script is taken for an endless loop. */
const MOST_STEPS = 1_000_000;

/** Runs a job until it waits for a process or is over. */
export function run(job: JobState, host: ShellHost): void {
  if (job.since !== host.now()) {
    job.since = host.now();
    job.steps = 0;
  }
  for (; job.waitsFor === null; job.steps++) {
    const frame = job.frames.at(-1);
    if (frame === undefined) {
      flush(job, host);
      host.ended(job);
      return;
    }
    if (frame.at >= frame.end) {
      leaveFrame(job);
    } else if (job.steps >= MOST_STEPS) {
      write(job, frame.io.error, `sh: stopped after ${MOST_STEPS} steps in which no time passed\n`, host);
      job.status = 255;
      job.frames.length = 0;
    } else {
      step(job, frame, codeOf(frame.text)[frame.at] as Instruction, host);
    }
  }
}

/** The process that a job waited for has ended. */
export function resume(job: JobState, status: number, host: ShellHost): void {
  assert(job.waitsFor !== null, () => `job ${job.id} waits for nothing`);
  job.waitsFor = null;
  job.status = status;
  run(job, host);
}

function step(job: JobState, frame: Frame, instruction: Instruction, host: ShellHost): void {
  const next = frame.at + 1;
  switch (instruction.do) {
    case 'run':
      frame.at = next;
      return runCommand(job, frame, instruction, host);
    case 'jump':
      frame.at = instruction.to;
      return;
    case 'branch':
      frame.at = (job.status === 0) === (instruction.when === 'zero') ? instruction.to : next;
      return;
    case 'status':
      job.status = instruction.status;
      break;
    case 'invert':
      job.status = job.status === 0 ? 1 : 0;
      break;
    case 'open':
      frame.at = open(job, frame, instruction.redirects, host) ? next : instruction.otherwise;
      return;
    case 'close':
      leaveScope(job, frame);
      break;
    case 'begin-stage':
      beginStage(job, frame, instruction.last, instruction.end);
      break;
    case 'end-stage':
      endStage(job, frame);
      break;
    case 'begin-words':
      frame.scopes.push({ type: 'words', words: expandFields(instruction.words, variablesOf(job, frame)), at: 0 });
      break;
    case 'next-word': {
      const scope = frame.scopes.at(-1);
      assert(scope?.type === 'words', 'the words of a `for` are on top of the stack');
      const word = scope.words[scope.at++];
      if (word === undefined) {
        if (scope.words.length === 0) job.status = 0;
        frame.scopes.pop();
        frame.at = instruction.otherwise;
        return;
      }
      frame.variables.set(instruction.name, word);
      break;
    }
    case 'match': {
      const variables = variablesOf(job, frame);
      const text = expandText(instruction.word, variables);
      const matched = instruction.patterns.some((pattern) => matches(expandStretches(pattern, variables), text));
      frame.at = matched ? next : instruction.otherwise;
      return;
    }
    case 'begin-loop':
      frame.scopes.push({ type: 'loop', status: 0 });
      break;
    case 'keep-status': {
      const scope = frame.scopes.at(-1);
      assert(scope?.type === 'loop', 'the loop is on top of the stack when its body ends');
      scope.status = job.status;
      break;
    }
    case 'end-loop': {
      const scope = frame.scopes.pop();
      assert(scope?.type === 'loop', 'the loop is on top of the stack when it ends');
      job.status = scope.status;
      break;
    }
    case 'unwind':
      while (frame.scopes.length > instruction.depth) leaveScope(job, frame);
      break;
    case 'spawn':
      spawn(job, frame, instruction.end, host);
      frame.at = instruction.end;
      return;
    default:
      return unreachable(instruction);
  }
  frame.at = next;
}

/** A script is over: what it opened was closed by its own instructions or by `exit`. */
function leaveFrame(job: JobState): void {
  const frame = job.frames.pop();
  assert(frame !== undefined && frame.scopes.length === 0, () => `job ${job.id} leaves a script that is still inside something`);
}

function spawn(job: JobState, frame: Frame, end: number, host: ShellHost): void {
  const child = backgroundJob(job, frame, host.newJobId(), end);
  host.adopt(child);
  job.background = child.waitsFor ?? job.background;
  job.status = 0;
}

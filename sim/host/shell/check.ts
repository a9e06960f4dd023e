import type { Argument, CheckHost, Naming, Problem, Registry } from '../commands/registry.ts';
import { absolute, commandName } from '../path.ts';
import { builtins } from './builtins.ts';
import { parse } from './parser.ts';
import { exactText, type Node, type Place, type Redirect, type Word, written } from './syntax.ts';

/** Command lines and scripts run by this shell; others are refused. */
const INTERPRETER = /^#! *(\/usr)?\/bin\/(env +)?(sh|bash|dash) *$/;

/**
 * What is wrong with a command line or script, and with the scripts that it runs, before anything is run: syntax, commands that nobody
 * knows, and flags that a command does not have.
 *
 * @param named is told of the names that the commands of the line itself give and use
 */
export function check(
  text: string,
  host: CheckHost,
  registry: Registry,
  named: (naming: Naming) => void = () => undefined,
): readonly Problem[] {
  const checker = new Checker(host, registry, named);
  checker.text(text, undefined);
  return checker.problems;
}

class Checker {
  readonly problems: Problem[] = [];
  readonly #host: CheckHost;
  readonly #registry: Registry;
  /** Scripts that were checked, or are being checked. */
  readonly #seen = new Set<string>();
  readonly #named: (naming: Naming) => void;
  #file: string | undefined;

  constructor(host: CheckHost, registry: Registry, named: (naming: Naming) => void) {
    this.#host = host;
    this.#registry = registry;
    this.#named = named;
  }

  text(text: string, file: string | undefined): void {
    const outer = this.#file;
    this.#file = file;
    const [first = ''] = text.split('\n', 1);
    if (first.startsWith('#!') && !INTERPRETER.test(first)) {
      this.#problem({ line: 1, column: 1 }, `only scripts for sh can be run here, not for \`${first.slice(2).trim()}\``);
    } else {
      const parsed = parse(text);
      if (parsed.ok) this.#node(parsed.node, false);
      else this.#problem(parsed.problem, parsed.problem.says);
    }
    this.#file = outer;
  }

  #problem({ line, column }: Place, says: string, file = this.#file, harmless = false): void {
    this.problems.push({
      ...(file === undefined ? {} : { file }),
      line,
      column,
      says,
      ...(harmless ? { harmless } : {}),
    });
  }

  #node(node: Node, inLoop: boolean): void {
    switch (node.type) {
      case 'simple':
        this.#redirects(node.redirects);
        return this.#simple(node.words, inLoop);
      case 'pipeline':
        for (const stage of node.stages) this.#node(stage, inLoop && node.stages.length === 1);
        return;
      case 'and-or':
        this.#node(node.first, inLoop);
        for (const { node: next } of node.rest) this.#node(next, inLoop);
        return;
      case 'list':
        for (const { node: item, background } of node.items) this.#node(item, inLoop && !background);
        return;
      case 'if':
        for (const { condition, body } of node.branches) {
          this.#node(condition, inLoop);
          this.#node(body, inLoop);
        }
        if (node.otherwise !== undefined) this.#node(node.otherwise, inLoop);
        return;
      case 'while':
        this.#node(node.condition, true);
        return this.#node(node.body, true);
      case 'for':
        return this.#node(node.body, true);
      case 'case':
        for (const { body } of node.arms) this.#node(body, inLoop);
        return;
      case 'redirected':
        this.#redirects(node.redirects);
        return this.#node(node.node, inLoop);
    }
  }

  #redirects(redirects: readonly Redirect[]): void {
    for (const redirect of redirects) {
      if (redirect.type === 'duplicate') continue;
      const file = exactText(redirect.file);
      if (file === '' || (file?.startsWith('/dev/') && file !== '/dev/null')) {
        this.#problem(redirect.file, `\`${file}\` is no file of the host; of the devices only /dev/null is known`);
      }
    }
  }

  #simple(words: readonly Word[], inLoop: boolean): void {
    const [first, ...rest] = words;
    if (first === undefined) return;
    const path = exactText(first);
    if (path === undefined)
      return this.#problem(first, `a command must be written out, not taken from a variable: \`${written(first)}\``);
    const name = commandName(path);
    const args = rest.map(argumentOf);
    const builtin = builtins.get(name);
    if ((name === 'break' || name === 'continue') && !inLoop) return this.#problem(first, `\`${name}\` outside of a loop`);
    if (builtin !== undefined) return builtin.check?.(args, (at, says) => this.#problem(at ?? first, says));
    if (name === 'sh') return this.#shell(first, args);
    if (name.includes('/')) return this.#script(name, first);
    const command = this.#registry.find(name);
    if (command === undefined) return this.#problem(first, this.#unknown(name));
    command.check(args, {
      host: this.#host,
      problem: (at, says) => this.#problem(at, says),
      warn: (at, says) => this.#problem(at, says, 'file' in at ? at.file : this.#file, true),
      claim: (at, name) => this.#name(at, name, 'claim'),
      claimUnknown: (at) => this.#name(at, undefined, 'unknown'),
      mention: (at, name) => this.#name(at, name, 'mention'),
      script: (text, at) => this.#inner(text, at),
    });
  }

  /** Scripts may run or not, and so the names in them may come or not. */
  #name({ line, column }: Place, name: string | undefined, does: Naming['does']): void {
    if (this.#file === undefined) this.#named({ line, column, name, does });
  }

  #unknown(name: string): string {
    const known = [...this.#registry.names(), ...builtins.keys(), 'sh'].filter((other) => /^[a-z]/.test(other)).sort();
    return `no command is called \`${name}\` here; known are ${known.join(', ')}`;
  }

  #shell(first: Place, [option, text]: readonly Argument[]): void {
    if (option === undefined) this.#problem(first, '`sh` needs a script here: sh FILE, or sh -c TEXT');
    else if (option.text === '-c' && text !== undefined) {
      if (text.exact) this.#inner(text.text, text);
      else this.#problem(text, 'the text after `sh -c` must be written out');
    } else if (option.text === '-c') this.#problem(option, '`sh -c` needs a text');
    else if (option.exact && option.text.startsWith('-'))
      this.#problem(option, `\`sh\` knows only -c here, not \`${option.text}\``);
    else if (option.exact) this.#script(option.text, option);
    else this.#problem(option, 'the script must be written out, not taken from a variable');
  }

  /** A script on the host's disk. It may also be written while the host runs; then nothing can be said of it before. */
  #script(path: string, at: Place): void {
    const file = absolute(path);
    const text = this.#host.file(file);
    if (text === undefined) return this.#problem(at, `${this.#host.name} has no file ${file}; give it under \`files\``);
    if (this.#seen.has(file)) return;
    this.#seen.add(file);
    this.text(text, file);
  }

  /** A command line inside a word: its problems are told at the word, because quotes shift its columns. */
  #inner(text: string, at: Place): void {
    const inner = new Checker(this.#host, this.#registry, () => undefined);
    for (const file of this.#seen) inner.#seen.add(file);
    inner.text(text, this.#file);
    for (const file of inner.#seen) this.#seen.add(file);
    for (const problem of inner.problems) {
      if (problem.file === this.#file) this.#problem(at, `in \`${text}\`: ${problem.says}`, this.#file, problem.harmless);
      else this.problems.push(problem);
    }
  }
}

const argumentOf = (word: Word): Argument => ({
  text: exactText(word) ?? written(word),
  exact: exactText(word) !== undefined,
  line: word.line,
  column: word.column,
});

import type { Names } from '../../core/names.ts';
import type { Rng } from '../../core/random.ts';
import { namesIn, readText } from './disk.ts';
import type { ProcessState } from './host.ts';
import type { Kernel } from './kernel.ts';
import { absolute } from './path.ts';
import type { Behaviour, HostInterface, HostView } from './program.ts';

/**
 * What a process sees of its host. Files are noted as they are read, so that the process sees the same ones when it is made again
 * from a saved world.
 */
export class ProcessHostView implements HostView {
  readonly node: number;
  readonly name: string;
  readonly interfaces: readonly HostInterface[];
  readonly names: Names;
  readonly behaviour: Behaviour;
  private readonly kernel: Kernel;
  private readonly files: ProcessState['files'];

  constructor(kernel: Kernel, node: number, files: ProcessState['files']) {
    this.kernel = kernel;
    this.node = node;
    this.name = kernel.spec(node).name;
    this.interfaces = kernel.network.interfaces(node).filter(({ loopback }) => !loopback);
    this.names = kernel.parts.names;
    this.behaviour = kernel.spec(node).behaviour ?? PLAIN;
    this.files = files;
  }

  random(purpose: string): Rng {
    return this.kernel.parts.randomness.stream(`${this.name}/${purpose}`);
  }

  file(path: string): string | undefined {
    const at = absolute(path);
    let text = this.files.get(at);
    if (text === undefined) {
      text = readText(this.kernel.host(this.node).disk, at) ?? null;
      this.files.set(at, text);
    }
    return text ?? undefined;
  }

  list(directory: string): readonly string[] | undefined {
    // No file has a name that ends like this.
    const at = `${absolute(directory)}/`;
    let names = this.files.get(at);
    if (names === undefined) {
      const found = namesIn(this.kernel.host(this.node).disk, at);
      names = found.length === 0 ? null : found.join('\n');
      this.files.set(at, names);
    }
    return names?.split('\n');
  }
}

/** What a host is like of which nothing is said. */
const PLAIN: Behaviour = { profile: undefined, quirks: {} };

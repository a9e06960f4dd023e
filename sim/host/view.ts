import type { Names } from '../../core/names.ts';
import type { Rng } from '../../core/random.ts';
import { readText } from './disk.ts';
import type { ProcessState } from './host.ts';
import type { Kernel } from './kernel.ts';
import { absolute } from './path.ts';
import type { HostInterface, HostView } from './program.ts';

/**
 * What a process sees of its host. Files are noted as they are read, so that the process sees the same ones when it is made again
 * from a saved world.
 */
export class ProcessHostView implements HostView {
  readonly node: number;
  readonly name: string;
  readonly interfaces: readonly HostInterface[];
  readonly names: Names;
  private readonly kernel: Kernel;
  private readonly files: ProcessState['files'];

  constructor(kernel: Kernel, node: number, files: ProcessState['files']) {
    this.kernel = kernel;
    this.node = node;
    this.name = kernel.spec(node).name;
    this.interfaces = kernel.network.interfaces(node).filter(({ loopback }) => !loopback);
    this.names = kernel.parts.names;
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
}

import { formatAddress } from '../address.ts';
import type { Names } from '../names.ts';
import type { JoinReply } from './interface.ts';

/** Why a join failed, in part or altogether, as the real agent words it; undefined where it did not. */
export function joinProblem({ problems, error }: JoinReply, names: Names): string | undefined {
  if (error !== undefined) return error;
  if (problems.length === 0) return undefined;
  const points = problems.map(
    ({ address, problem }) => `\t* Failed to join ${formatAddress(names.address(address))}: ${problem}`,
  );
  const count = problems.length === 1 ? '1 error' : `${problems.length} errors`;
  return `${count} occurred:\n${points.join('\n')}\n\n`;
}

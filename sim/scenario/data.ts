import { formatPath, type Path, type Problem } from './problem.ts';
import type { Source } from './source.ts';
import { DEPTH_LIMIT } from './yaml/limits.ts';

/**
 * Takes data that a program made as if it had been read from a file: a copy of its plain values, and a problem for each that a file could
 * not hold.
 */
export function dataSource(value: unknown): Source {
  const problems: Problem[] = [];
  const broken: Path[] = [];
  const open = new Set<object>();
  const refuse = (path: Path, message: string, hint: string): null => {
    problems.push({ path: formatPath(path), message, hint });
    broken.push(path);
    return null;
  };
  const copy = (each: unknown, path: Path): unknown => {
    if (each === null || each === undefined) return each;
    if (typeof each !== 'object') {
      return typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean'
        ? each
        : refuse(
            path,
            `A ${typeof each} cannot be part of a scenario.`,
            'Scenarios are data: text, numbers, true, false, lists, mappings.',
          );
    }
    if (open.has(each)) return refuse(path, 'This value contains itself.', 'Scenarios are data that ends.');
    if (path.length > DEPTH_LIMIT)
      return refuse(path, `The data nests deeper than ${DEPTH_LIMIT} levels.`, 'No scenario needs that.');
    open.add(each);
    const copied = Array.isArray(each) ? each.map((item, index) => copy(item, [...path, index])) : fields(each, path);
    open.delete(each);
    return copied;
  };
  const fields = (each: object, path: Path): unknown => {
    const prototype: unknown = Object.getPrototypeOf(each);
    if (prototype !== Object.prototype && prototype !== null) {
      return refuse(
        path,
        'An instance of a class cannot be part of a scenario.',
        'Scenarios are data: text, numbers, true, false, lists, mappings.',
      );
    }
    const entries = Object.entries(each).filter(([key, field]) => field !== undefined && key !== '__proto__');
    return Object.fromEntries(entries.map(([key, field]) => [key, copy(field, [...path, key])]));
  };
  const copied = copy(value, []);
  return { file: undefined, text: '', value: copied, problems, broken, place: () => undefined };
}

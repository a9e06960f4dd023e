import { table } from '../table.ts';
import { compare, type Distribution, isPlausible, type Verdict } from './compare.ts';

const shown = (value: number | undefined, unit: string): string => {
  if (value === undefined) return '–';
  if (!Number.isFinite(value)) return 'never';
  return unit === 'ms' ? (value / 1000).toFixed(value < 10_000 ? 3 : 1) : value.toFixed(3);
};

const interval = ({ real }: Verdict, unit: string): string => `${shown(real.low, unit)} … ${shown(real.high, unit)}`;

const percent = ({ deviation }: Verdict): string =>
  Number.isFinite(deviation) ? `${deviation < 0 ? '−' : '+'}${Math.abs(100 * deviation).toFixed(0)} %` : '–';

/** Both distributions side by side: median and ninth decile, the real ones with their 95 % intervals. Times are in seconds. */
export function sideBySide(distributions: readonly Distribution[]): string {
  const head = [
    'measure',
    'n',
    'runs',
    'real p50 (95 %)',
    'sim p50',
    'off',
    'verdict',
    'real p90 (95 %)',
    'sim p90',
    'off',
    'verdict',
  ];
  const body = distributions.map((each) => {
    const { name, size, unit, real, simulated } = each;
    const cells = [0.5, 0.9].flatMap((p) => {
      const verdict = compare(each, p);
      const { value } = verdict.real;
      return [
        `${shown(value, unit)} (${interval(verdict, unit)})`,
        shown(verdict.simulated, unit),
        percent(verdict),
        verdict.says,
      ];
    });
    const measure = unit === 'ms' ? `${name}, s` : `${name}, ${unit}`;
    return [measure, String(size), `${real.length} / ${simulated.length}`, ...cells];
  });
  return table(head, body);
}

/** For samples too small for quantiles: all real values beside the range of the simulated ones, and whether that is plausible. */
export function plausibility(distributions: readonly Distribution[]): string {
  const body = distributions.map((each) => {
    const { name, size, unit, real, simulated } = each;
    const measure = unit === 'ms' ? `${name}, s` : `${name}, ${unit}`;
    const values = real.map((value) => shown(value, unit)).join(' ');
    const range = `${shown(simulated[0], unit)} … ${shown(simulated[Math.floor(simulated.length / 2)], unit)} … ${shown(simulated.at(-1), unit)}`;
    return [measure, String(size), values, range, isPlausible(each) ? 'plausible' : 'NOT PLAUSIBLE'];
  });
  return table(['measure', 'n', 'real', 'simulated: least … median … most', 'verdict'], body);
}

import { BLOWS, type DeedKind, deedInput, type Field, type Targets, type Values } from '../model/deeds.ts';
import { fieldOf } from '../model/run.ts';
import { element } from '../view/element.ts';
import type { Mistake } from './messages.ts';

/** Fields for the values of an intervention. */
export interface DeedForm {
  readonly root: HTMLElement;
  /** As a scenario writes it, without its times. */
  read(): object;
  /** Shows mistakes at their fields, by the paths behind the entry's own. @returns those that have no field here */
  tell(mistakes: readonly Mistake[]): readonly Mistake[];
}

/** Something to give a value with. */
interface Control {
  readonly root: HTMLElement;
  /** What is marked when the value is wrong. */
  readonly input: HTMLElement;
  readonly read: () => unknown;
}

/**
 * @param about words for those who hear the page: what the fields are about
 * @param changed told when something was given
 */
export function deedForm(kind: DeedKind, values: Values, targets: Targets, about: string, changed: () => void): DeedForm {
  const controls = kind.fields.map((field) => ({ field, control: controlOf(field, values[field.key], targets, about, changed) }));
  const wrongs = new Map(kind.fields.map(({ key }) => [key, element('output', { class: 'wrong' })]));
  const root = element(
    'div',
    { class: 'deed-form' },
    ...controls.map(({ field, control }) => element('div', { class: 'deed-field' }, control.root, wrongs.get(field.key))),
  );
  return {
    root,
    read: () => deedInput(kind, Object.fromEntries(controls.map(({ field, control }) => [field.key, control.read()]))),
    tell: (mistakes) => {
      const others: Mistake[] = [];
      const told = new Map<string, string[]>();
      for (const mistake of mistakes) {
        const key = /^[a-z]+/.exec(mistake.path)?.[0] ?? '';
        const says = `${mistake.message}${mistake.hint === undefined ? '' : ` ${mistake.hint}`}`;
        if (wrongs.has(key)) told.set(key, [...(told.get(key) ?? []), says]);
        else others.push(mistake);
      }
      for (const { field, control } of controls) {
        const says = told.get(field.key);
        if (says === undefined) control.input.removeAttribute('aria-invalid');
        else control.input.setAttribute('aria-invalid', 'true');
        wrongs.get(field.key)?.replaceChildren(says?.join(' ') ?? '');
      }
      return others;
    },
  };
}

function controlOf(field: Field, value: unknown, targets: Targets, about: string, changed: () => void): Control {
  const { label, type } = field;
  const { hosts, routers, segments, trunks } = targets;
  const machines = [...hosts, ...routers];
  switch (type) {
    case 'host':
      return chosen(label, hosts, String(value), about, changed);
    case 'machine':
      return chosen(label, machines, String(value), about, changed);
    case 'router':
      return chosen(label, routers, String(value), about, changed);
    case 'segment':
      return chosen(label, segments, String(value), about, changed);
    case 'trunk': {
      const names = trunks.map((ends) => ends.join(' – '));
      const control = chosen(label, names, (value as readonly string[] | undefined)?.join(' – ') ?? '', about, changed);
      return { ...control, read: () => trunks[names.indexOf(String(control.read()))] };
    }
    case 'pair':
      return two(label, machines, value, about, changed);
    case 'segments':
      return two(label, segments, value, about, changed);
    case 'hosts':
      return several(label, hosts, new Set(value as readonly string[] | undefined), about, changed);
    case 'sides':
      return sides(label, machines, value, about, changed);
    case 'choice': {
      const options = field.options ?? [];
      const names = options.map(([, name]) => name);
      const now = options.find(([each]) => each === value)?.[1] ?? names[0] ?? '';
      const control = chosen(label, names, now, about, changed);
      return { ...control, read: () => options.find(([, name]) => name === control.read())?.[0] };
    }
    case 'blow':
      return blow(label, value, hosts, about, changed);
    case 'yes': {
      const box = element('input', { type: 'checkbox', checked: value === true, onchange: changed });
      return { root: element('label', { class: 'check' }, box, ` ${label}`), input: box, read: () => box.checked };
    }
    default: {
      const input = element('input', {
        value: value === undefined ? '' : String(value),
        class: type === 'number' ? 'amount' : 'word',
        spellcheck: 'false',
        autocomplete: 'off',
        'aria-label': `${label}${about}`,
        oninput: changed,
      });
      const read = (): unknown => {
        const text = input.value.trim();
        // What is no number is said to be none by whoever checks it.
        return type === 'number' && text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
      };
      return { root: element('label', { class: 'pair' }, `${label} `, input), input, read };
    }
  }
}

function chosen(label: string, names: readonly string[], value: string, about: string, changed: () => void): Control {
  const input = select(names, value, `${label}${about}`, changed);
  return { root: element('label', { class: 'pair' }, `${label} `, input), input, read: () => input.value };
}

const select = (names: readonly string[], value: string, label: string, changed: () => void): HTMLSelectElement =>
  element(
    'select',
    { 'aria-label': label, onchange: changed },
    ...names.map((name) => element('option', { value: name, selected: name === value }, name)),
  );

function two(label: string, names: readonly string[], value: unknown, about: string, changed: () => void): Control {
  const [one = names[0] ?? '', other = names[1] ?? ''] = Array.isArray(value) ? value.map(String) : [];
  const first = select(names, one, `${label}, the first${about}`, changed);
  const second = select(names, other, `${label}, the second${about}`, changed);
  const root = element('span', { class: 'pair' }, `${label} `, first, ' and ', second);
  return { root, input: first, read: () => [first.value, second.value] };
}

function several(label: string, names: readonly string[], now: ReadonlySet<string>, about: string, changed: () => void): Control {
  const boxes = names.map((name) => ({
    name,
    box: element('input', { type: 'checkbox', checked: now.has(name), onchange: changed }),
  }));
  const root = element(
    'div',
    { class: 'several', role: 'group', 'aria-label': `${label}${about}`, tabindex: -1 },
    `${label}: `,
    ...boxes.map(({ name, box }) => element('label', { class: 'check' }, box, name)),
  );
  return { root, input: root, read: () => boxes.flatMap(({ name, box }) => (box.checked ? [name] : [])) };
}

/** Each machine is on the one side, on the other, or on none. */
function sides(label: string, names: readonly string[], value: unknown, about: string, changed: () => void): Control {
  const groups = Array.isArray(value) ? (value as readonly (readonly string[])[]) : [];
  const choices = names.map((name) => {
    const now = groups.findIndex((group) => group.includes(name));
    const input = select(['—', 'A', 'B'], '—AB'.charAt(now + 1), `Side of ${name}${about}`, changed);
    return { name, input };
  });
  const root = element(
    'div',
    { class: 'several', role: 'group', 'aria-label': `${label}${about}`, tabindex: -1 },
    ...choices.map(({ name, input }) => element('label', { class: 'pair' }, `${name} `, input)),
  );
  const side = (letter: string): string[] => choices.flatMap(({ name, input }) => (input.value === letter ? [name] : []));
  return { root, input: root, read: () => [side('A'), side('B')] };
}

/** A blow that is none of those offered stays as it is. */
function blow(label: string, value: unknown, hosts: readonly string[], about: string, changed: () => void): Control {
  const kind = String(fieldOf(value, 'kind'));
  const kept = BLOWS.some(([each]) => each === kind) ? [] : [[kind, 'as it is'] as const];
  const options = [...kept, ...BLOWS];
  const control = chosen(
    label,
    options.map(([, name]) => name),
    options.find(([each]) => each === kind)?.[1] ?? '',
    about,
    changed,
  );
  const read = (): unknown => {
    const now = options.find(([, name]) => name === control.read())?.[0];
    if (now === kind) return value;
    if (now === 'partition-alone') return { kind: now, hosts };
    return now === 'disk-lie' ? { kind: now, rate: 1 } : { kind: now };
  };
  return { ...control, read };
}

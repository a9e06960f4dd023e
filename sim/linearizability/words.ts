import { formatInstant } from '../../core/time.ts';
import { returnOf } from './model.ts';
import type { Value } from './register.ts';
import type { Call, StoreVerdict } from './store.ts';

/** Why a store is not linearizable, for people: the operations of the smallest window, and which of them nothing explains. */
export function describeViolation({ key, calls, window }: Extract<StoreVerdict, { verdict: 'violated' }>): string {
  const { starts, operations, order, stuck } = window;
  const at = (place: number) => calls[place] as Call;
  const end = returnOf(at(stuck));
  const lines = operations.map((place) => {
    const mark = place === stuck ? '  <- nothing explains this' : '';
    return `${callInWords(at(place), returnOf(at(place)) <= end)}${mark}`;
  });
  const before = starts.slice(0, MOST_STARTS).map(({ state, taken }) => {
    const earlier = taken.map((place) => requestInWords(at(place))).join(', ');
    return `${valueInWords(state)}${earlier === '' ? '' : ` after ${earlier}`}`;
  });
  if (starts.length > MOST_STARTS) before.push(`one of ${starts.length - MOST_STARTS} others`);
  const begin = Math.min(...operations.map((place) => at(place).invoked));
  const writers = starts.slice(0, MOST_STARTS).flatMap(({ state }) => {
    const writer = calls.findLast((call) => returnOf(call) < begin && leads(call, state));
    return writer === undefined ? [] : [callInWords(writer, true)];
  });
  const explained = order.map((place) => requestInWords(at(place))).join(', ');
  return [
    `key ${key} is not linearizable; before, it was ${before.join(' or ')}:`,
    ...[...new Set(writers), ...lines].map((line) => `${INDENT}${line}`),
    ...(order.length === 0 ? [] : [`${INDENT}the longest order that holds: ${explained}`]),
  ].join('\n');
}

const INDENT = '      ';

/** Whether an operation may be the one that made a key what it was. */
function leads({ request, done }: Call, value: Value): boolean {
  switch (request.type) {
    case 'put':
      return request.value === value;
    case 'cas':
      return request.value === value && done?.outcome === true;
    case 'append':
      return typeof value === 'string' && value.endsWith(request.value);
    case 'delete':
      return value === null && done?.outcome === true;
    default:
      return false;
  }
}

/** So many ways in which things may have stood are shown. */
const MOST_STARTS = 4;

function callInWords(call: Call, known: boolean): string {
  const from = formatInstant(call.invokedAt, 6);
  const { done } = call;
  if (done === undefined) return `${from} …           ${call.client}: ${requestInWords(call)}, outcome unknown`;
  const to = formatInstant(done.returnedAt, 6);
  const answer = call.request.type === 'get' ? valueInWords(done.outcome as Value) : done.outcome === false ? 'no' : 'ok';
  return `${from} … ${to}  ${call.client}: ${requestInWords(call)} -> ${known ? answer : `${answer} (later)`}`;
}

function requestInWords({ request }: Call): string {
  switch (request.type) {
    case 'put':
    case 'append':
      return `${request.type} ${JSON.stringify(request.value)}`;
    case 'cas':
      return `cas ${valueInWords(request.expected)} to ${JSON.stringify(request.value)}`;
    default:
      return request.type;
  }
}

const valueInWords = (value: Value): string =>
  value === null ? 'absent' : value === undefined ? 'something that nobody saw' : JSON.stringify(value);

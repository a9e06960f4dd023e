import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssertionError } from './assert.ts';
import { assertTree, compareState, copyState, digestState, restoreState } from './state.ts';

class Member {
  readonly name = 'n1';
}

const world = () => ({
  now: 12.5,
  leader: undefined as string | undefined,
  members: [{ name: 'n1', status: 'alive' }, { name: 'n2', status: 'suspect' }, null],
  views: new Map<string | number, unknown>([
    ['n1', new Uint8Array([1, 2, 3])],
    [7, { incarnation: -0 }],
  ]),
  voters: new Set(['n1', 'n2']),
  terms: [new Float64Array([1.5, Number.NaN]), new BigInt64Array([-1n])],
  applied: 2n ** 80n,
});

/** Each way in which a part of a state can differ from `world()`: the change and where it must be seen. */
const changes: [path: string, left: string, right: string, change: (state: ReturnType<typeof world>) => void][] = [
  [
    'state.now',
    '12.5',
    '13',
    (s) => {
      s.now = 13;
    },
  ],
  [
    'state.leader',
    'undefined',
    '"n1"',
    (s) => {
      s.leader = 'n1';
    },
  ],
  [
    'state.members[1].status',
    '"suspect"',
    '"dead"',
    (s) => {
      (s.members[1] as { status: string }).status = 'dead';
    },
  ],
  [
    'state.members[2]',
    'null',
    'undefined',
    (s) => {
      s.members.splice(2, 1, undefined as never);
    },
  ],
  [
    'state.members[3]',
    'absent',
    'null',
    (s) => {
      s.members.push(null);
    },
  ],
  [
    'state.members[2]',
    'null',
    'absent',
    (s) => {
      s.members.pop();
    },
  ],
  [
    'state.views.get("n1")[2]',
    '3',
    '4',
    (s) => {
      (s.views.get('n1') as Uint8Array)[2] = 4;
    },
  ],
  [
    'state.views.get(7).incarnation',
    '-0',
    '0',
    (s) => {
      s.views.set(7, { incarnation: 0 });
    },
  ],
  [
    'state.views.get("n1")',
    'a Uint8Array of 3',
    'a Int8Array of 3',
    (s) => {
      s.views.set('n1', new Int8Array([1, 2, 3]));
    },
  ],
  [
    'state.views.get(8)',
    'absent',
    'null',
    (s) => {
      s.views.set(8, null);
    },
  ],
  [
    'state.voters, item 2',
    'absent',
    '"n3"',
    (s) => {
      s.voters.add('n3');
    },
  ],
  [
    'state.terms[0][0]',
    '1.5',
    '1.25',
    (s) => {
      (s.terms[0] as Float64Array)[0] = 1.25;
    },
  ],
  [
    'state.terms[1][0]',
    '-1n',
    '4294967295n',
    (s) => {
      (s.terms[1] as BigInt64Array)[0] = 0xffff_ffffn;
    },
  ],
  [
    'state.applied',
    `${2n ** 80n}n`,
    `${-(2n ** 80n)}n`,
    (s) => {
      s.applied = -s.applied;
    },
  ],
  [
    'state["a b"]',
    'absent',
    '1',
    (s) => {
      Object.assign(s, { 'a b': 1 });
    },
  ],
];

const foreign: [what: string, path: string, value: unknown][] = [
  ['a class instance', 'state.a[1] is an instance of Member', { a: [1, new Member()] }],
  ['a function', 'state.a.get("x") is the function later', { a: new Map([['x', function later() {}]]) }],
  ['a promise', 'state.a is an instance of Promise', { a: Promise.resolve() }],
  ['a symbol', 'state.a is Symbol(s)', { a: Symbol('s') }],
  ['a date', 'state[0] is an instance of Date', [new Date(0)]],
  ['a buffer without a view', 'state.a is an instance of ArrayBuffer', { a: new ArrayBuffer(8) }],
  ['a subclass of a typed array', 'state.a is an instance of Buffer', { a: Buffer.from([1]) }],
  ['an object as a key', 'state.a has an object of 0 as a key', { a: new Map([[{}, 1]]) }],
  ['an object in a set', 'state.a has an Array of 0 as a key', { a: new Set([[]]) }],
];

/** Plain data of every kind, nested. */
const states = fc.letrec<{ state: unknown }>((tie) => ({
  state: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(fc.double(), fc.integer(), fc.string(), fc.boolean(), fc.bigInt(), fc.constantFrom(null, undefined)),
    fc.oneof(fc.uint8Array(), fc.int16Array(), fc.int32Array(), fc.float64Array(), fc.float32Array(), fc.bigUint64Array()),
    fc.array(tie('state')),
    fc.dictionary(fc.string(), tie('state')),
    fc.array(fc.tuple(fc.oneof(fc.string(), fc.integer()), tie('state'))).map((entries) => new Map(entries)),
    fc.array(fc.oneof(fc.string(), fc.double())).map((items) => new Set(items)),
  ),
})).state;

describe('a copy of a state', () => {
  test('equals the original and shares nothing with it', () => {
    fc.assert(
      fc.property(states, (state) => {
        const copy = copyState(state);
        expect(compareState(state, copy)).toBeUndefined();
        expect(digestState(copy).hex()).toBe(digestState(state).hex());
        expect(copy).toStrictEqual(state);
        assertTree([state, copy]);
      }),
    );
  });

  test('keeps what is easily lost: -0, NaN, undefined values, the order of keys', () => {
    const copy = copyState({
      b: -0,
      a: Number.NaN,
      c: undefined,
      m: new Map([
        [2, 1],
        [1, 2],
      ]),
    });
    expect(Object.is(copy.b, -0)).toBe(true);
    expect(copy.a).toBeNaN();
    expect('c' in copy).toBe(true);
    expect([Object.keys(copy), [...copy.m.keys()]]).toEqual([
      ['b', 'a', 'c', 'm'],
      [2, 1],
    ]);
  });

  test('is not fooled by a key named __proto__', () => {
    const copy = copyState(JSON.parse('{"__proto__": {"admin": [1]}}'));
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"admin":[1]}}');
  });

  test.each(foreign)('is refused when there is %s in it', (_, message, value) => {
    expect(() => copyState(value)).toThrow(AssertionError);
    expect(() => copyState(value)).toThrow(message);
    expect(() => digestState(value)).toThrow(message);
    expect(() => assertTree(value)).toThrow(message);
  });

  test('of something that contains itself is refused', () => {
    const state: { inner: object[] } = { inner: [] };
    state.inner.push(state);
    expect(() => copyState(state)).toThrow('state.inner[0] and state are one object');
    expect(() => digestState(state)).toThrow('state.inner[0] and state are one object');
  });
});

describe('a restored state', () => {
  test('equals the saved one, whatever was there before, and is the same object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), states), fc.dictionary(fc.string(), states), (target, saved) => {
        restoreState(target, saved);
        expect(compareState(saved, target)).toBeUndefined();
        expect(digestState(target).hex()).toBe(digestState(saved).hex());
        assertTree([saved, target]);
      }),
    );
  });

  test.each([
    ['an object', { a: 1, b: { c: 1 } }, { b: { c: 2 }, d: 3 }],
    ['an array', [1, 2, 3], [{ a: 1 }]],
    ['a map', new Map([[1, 2]]), new Map([[3, [4]]])],
    ['a set', new Set([1]), new Set([3, 2])],
  ])('may be %s', (_, target: object, saved: object) => {
    restoreState(target, saved);
    expect(target).toStrictEqual(saved);
  });

  test('has its keys in the saved order', () => {
    const target: Record<string, number> = { a: 1, b: 2 };
    restoreState(target, { b: 2, a: 1 });
    expect(Object.keys(target)).toEqual(['b', 'a']);
  });

  test('must be of the kind of the saved one', () => {
    const target = { a: 1 };
    expect(() => restoreState(target, [1])).toThrow('an Array of 1 cannot be restored into an object of 1');
    expect(() => restoreState(new Member(), { name: 'n2' })).toThrow(AssertionError);
    expect(target).toEqual({ a: 1 });
  });
});

describe('two states', () => {
  test.each(changes)('that differ at %s (%s, %s) are told apart there', (path, left, right, change) => {
    const changed = world();
    change(changed);
    expect(compareState(world(), changed)).toEqual({ path, left, right });
    expect(digestState(changed).hex()).not.toBe(digestState(world()).hex());
  });

  test('with their keys in another order differ, because loops over them do', () => {
    const pairs: [unknown, unknown][] = [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      [
        new Map([
          [1, 1],
          [2, 1],
        ]),
        new Map([
          [2, 1],
          [1, 1],
        ]),
      ],
      [new Set([1, 2]), new Set([2, 1])],
    ];
    for (const [left, right] of pairs) {
      expect(compareState(left, right)).toBeDefined();
      expect(digestState(left).hex()).not.toBe(digestState(right).hex());
    }
    expect(compareState(...(pairs[0] as [unknown, unknown]))).toEqual({
      path: 'state, entry 0',
      left: 'key "a"',
      right: 'key "b"',
    });
  });

  test('have equal digests exactly when they compare equal', () => {
    fc.assert(
      fc.property(states, states, (a, b) => {
        expect(digestState(a).hex() === digestState(b).hex()).toBe(compareState(a, b) === undefined);
      }),
    );
  });

  test('differ when the same values are nested otherwise', () => {
    const shapes = [
      [],
      [[]],
      [[], []],
      [[[]]],
      {},
      [{}],
      { a: {} },
      { a: [] },
      '',
      [''],
      'a',
      [0],
      [-0],
      [null],
      [undefined],
      [false],
      [0n],
      ['0'],
      { a: 1, b: 2 },
      { a: { a: 1, b: 2 } },
      { a: { a: 1 }, b: 2 },
      new Map(),
      new Set(),
      new Map([['a', 1]]),
      new Set(['a']),
      new Uint8Array(1),
      new Uint8Array(2),
      new Int8Array(1),
      new Uint16Array(1),
      new Float32Array(1),
      new Float64Array(1),
    ];
    expect(new Set(shapes.map((shape) => digestState(shape).hex())).size).toBe(shapes.length);
  });
});

describe('a digest', () => {
  // The same on every engine and machine: whoever changes how states are hashed changes all fingerprints.
  test('is known for a known state', () => {
    expect(digestState(world()).hex()).toBe('b9ca13b5f9434824');
  });

  test('leaves out what something followed from, which a copy has all the same', () => {
    const waiting = { '~cause': 7, packet: 1 };
    expect(digestState(waiting).hex()).toBe(digestState({ '~cause': 8, packet: 1 }).hex());
    expect(copyState(waiting)).toEqual({ '~cause': 7, packet: 1 });
  });

  test('of a view is that of its content, wherever it lies in its buffer', () => {
    const bytes = new Uint8Array([9, 1, 2, 3, 4, 5]);
    expect(digestState(bytes.subarray(1)).hex()).toBe(digestState(new Uint8Array([1, 2, 3, 4, 5])).hex());
  });
});

describe('a tree', () => {
  test.each([
    [
      'an object',
      'state.b[0] and state.a are one object',
      () => {
        const shared = {};
        return { a: shared, b: [shared] };
      },
    ],
    [
      'a map',
      'state.b and state.a are one object',
      () => {
        const shared = new Map();
        return { a: shared, b: shared };
      },
    ],
    [
      'a buffer',
      'state.b and state.a are views of one buffer',
      () => {
        const a = new Uint8Array(4);
        return { a, b: new Uint16Array(a.buffer) };
      },
    ],
    [
      'something mutable in something frozen',
      'state[1].x and state[0].x are one object',
      () => {
        const shared = Object.freeze({ x: [] });
        return [shared, shared];
      },
    ],
    [
      'a frozen map',
      'state[1] and state[0] are one object',
      () => {
        const shared = Object.freeze(new Map());
        return [shared, shared];
      },
    ],
  ])('does not hold %s twice', (_, message, make) => {
    expect(() => assertTree(make())).toThrow(message);
  });

  test('may hold what is frozen twice', () => {
    const shared = Object.freeze({ x: Object.freeze([1]) });
    assertTree([shared, { shared }]);
  });
});

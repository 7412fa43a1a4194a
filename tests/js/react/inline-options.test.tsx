/** Options and presence written inline: another object in every render, whatever kind of value it contains. */
import { StrictMode, useReducer } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { deepEqual } from '../../../pkg-template/src/react/deep-equal.js';
import { freshStage, happen, members, mount, type Stage } from './stage.js';

let stage: Stage;

beforeEach(async () => {
  stage = await freshStage();
});

/** A query builder as data libraries have them: methods, private state, and members of a class. */
class Query {
  readonly #clauses: string[] = [];
  limit = 0;
  where(clause: string): this {
    this.#clauses.push(clause);
    return this;
  }
  take(limit: number): this {
    this.limit = limit;
    return this;
  }
}

class Money {
  constructor(readonly cents: number) {}
}

class Point {
  readonly #x: number;
  constructor(x: number) {
    this.#x = x;
  }
  toJSON() {
    return { x: this.#x };
  }
}

interface Cycle {
  n: number;
  self?: Cycle;
}

const cycle = (n: number): Cycle => {
  const value: Cycle = { n };
  value.self = value;
  return value;
};

const deep = (levels: number): object => {
  let value = {};
  for (let level = 0; level < levels; level++) value = { value };
  return value;
};

/** Each makes a new value of one kind; `other` makes one with other content. */
const KINDS: Record<string, { make: () => unknown; other?: () => unknown; isSent?: boolean }> = {
  'a date': { isSent: true, make: () => new Date(5), other: () => new Date(6) },
  'an invalid date': { make: () => new Date(Number.NaN), other: () => new Date(0) },
  'a map': {
    make: () => new Map([['a', { n: 1 }]]),
    other: () => new Map([['a', { n: 2 }]]),
  },
  'a set': { make: () => new Set([1, [2]]), other: () => new Set([1, [3]]) },
  bytes: { make: () => new Uint8Array([1, 2]), other: () => new Uint8Array([1, 3]) },
  'a buffer': {
    make: () => new Uint8Array([1, 2]).buffer,
    other: () => new Uint8Array([1, 2, 3]).buffer,
  },
  'a view': {
    make: () => new DataView(new ArrayBuffer(4), 1),
    other: () => new DataView(new ArrayBuffer(4), 2),
  },
  'a regular expression': { make: () => /a/i, other: () => /a/g },
  'an address': {
    isSent: true,
    make: () => new URL('https://a.test/'),
    other: () => new URL('https://b.test/'),
  },
  'query parameters': {
    make: () => new URLSearchParams('a=1'),
    other: () => new URLSearchParams('a=2'),
  },
  'a builder': {
    make: () => new Query().where('a').take(5),
    other: () => new Query().where('a').take(6),
  },
  'a class with members': { isSent: true, make: () => new Money(5), other: () => new Money(6) },
  'a class that serialises itself': {
    isSent: true,
    make: () => new Point(5),
    other: () => new Point(6),
  },
  'an object without a prototype': {
    isSent: true,
    make: () => Object.assign(Object.create(null), { a: 1 }),
    other: () => Object.assign(Object.create(null), { a: 2 }),
  },
  'a boxed number': { make: () => Object(5), other: () => Object(6) },
  'an error': { make: () => Error('a'), other: () => Error('b') },
  'a nested function': { make: () => ({ f: () => 1 }) },
  'a promise': { make: () => Promise.resolve(1) },
  'not a number': { make: () => Number.NaN, other: () => 0 },
  'a big integer': { make: () => 5n, other: () => 6n },
  'a cycle': { make: () => cycle(1), other: () => cycle(2) },
  'a deeply nested object': { make: () => deep(20_000) },
  'a symbol': { make: () => Symbol.for('a'), other: () => Symbol.for('b') },
};

describe.each(Object.entries(KINDS))('%s', (_, { make, other, isSent }) => {
  it('is equal with the same content, and not equal otherwise', () => {
    expect(deepEqual({ in: [make()] }, { in: [make()] })).toBe(true);
    if (other) expect(deepEqual({ in: [make()] }, { in: [other()] })).toBe(false);
    expect(deepEqual(make(), {})).toBe(false);
  });

  it('written inline in the options of every hook causes no render loop and no new subscription', async () => {
    let rerender = (): void => {};
    let renders = 0;
    function Everything() {
      rerender = useReducer((turn: number) => turn + 1, 0)[1];
      renders += 1;
      // Params are sent, so they have to be JSON; any other option is not.
      const options = (isSent ? { params: { value: make() } } : { extra: make() }) as object;
      stage.useRealtimeChannel('callback', options, () => {});
      stage.useMessages('messages', options);
      stage.useLastMessage('last', options);
      stage.useCollection('rows', { ...options, load: () => [] });
      stage.usePresence('people', null, options);
      return null;
    }
    await mount(
      <StrictMode>
        <Everything />
      </StrictMode>,
    );
    const channels = ['callback', 'messages', 'last', 'rows', 'people'];
    const before = channels.map((channel) => members(stage.engine, channel));
    for (const numbers of before) expect(numbers).toHaveLength(1);
    const first = renders;
    for (let turn = 0; turn < 3; turn++) await happen(rerender);
    expect(renders - first, 'two a turn in StrictMode').toBe(6);
    expect(channels.map((channel) => members(stage.engine, channel))).toEqual(before);
  });
});

it('a value that differs in every render causes no render loop', async () => {
  let turn = 0;
  function Presence() {
    turn += 1;
    stage.usePresence('room', { turn });
    return null;
  }
  await mount(<Presence />);
  expect(turn).toBeLessThan(5);
});

it('presence with a date is updated when the date is another one, and only then', async () => {
  const Me = ({ at }: { at: number }) => {
    stage.usePresence('room', { since: new Date(at) });
    return null;
  };
  const mounted = await mount(<Me at={5} />);
  for (const at of [5, 6, 6]) await mounted.render(<Me at={at} />);
  expect(stage.engine.of('presence').map(([, , action]) => action)).toEqual([0, 1]);
});

/** Hostile values and JSON texts. */
import type { Random } from '../../support/random.js';

/** The nesting of the deepest ones. */
const DEPTH = 20_000;

const deepText = (open: string, close: string, depth: number): string =>
  `${open.repeat(depth)}1${close.repeat(depth)}`;

/** Expensive texts, made once. */
const HUGE: readonly string[] = [
  deepText('[', ']', DEPTH),
  deepText('{"a":', '}', DEPTH),
  deepText('[{"a":', '}]', DEPTH / 2),
  deepText('{"id":"1","row":', '}', DEPTH),
  `"${'x'.repeat(1 << 18)}"`,
  `[${'1,'.repeat(1 << 15)}1]`,
  `{${Array.from({ length: 5_000 }, (_, at) => `"k${at}":{}`).join()}}`,
];

const SMALL: readonly string[] = [
  'null',
  'true',
  '0',
  '-0',
  '-1',
  '0.5',
  '1e400',
  '-1e400',
  '1e-400',
  '9007199254740993',
  '123456789012345678901234567890',
  '""',
  '"1"',
  '"\\ud800"',
  '"\\u0000"',
  '"__proto__"',
  '"constructor"',
  '"phx_reply"',
  '"update"',
  '[]',
  '{}',
  '[null]',
  '[[],{}]',
  '{"":{}}',
  '{"__proto__":{"id":"1","polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"id":"1","__proto__":null}',
  '{"toJSON":1,"then":1,"length":-1}',
  '{"id":1}',
  '{"id":9007199254740993}',
  '{"id":null,"row":null}',
  '{"ref":"1","phx_ref":"1","metas":[{}]}',
  deepText('[', ']', 127),
  deepText('{"a":', '}', 129),
  deepText('[{"a":', '}]', 64),
];

/** The text of a JSON value. */
export function hostileText(random: Random): string {
  const chance = random.next();
  if (chance < 0.04) return random.pick(HUGE);
  if (chance < 0.08) return deepText('[', ']', 100 + random.below(400));
  if (chance < 0.2) return `{"id":"${random.below(3)}","n":${random.pick(SMALL)}}`;
  return random.pick(SMALL);
}

const boom = (random: Random): unknown =>
  random.pick<() => unknown>([
    () => Error('boom'),
    () => new RangeError('Maximum call stack size exceeded'),
    () => new WebAssembly.RuntimeError('unreachable'),
    () => 'a text',
    () => undefined,
    () => null,
    () => Symbol('s'),
    () => ({ code: 'conflict', message: 5, hint: {} }),
    () => revoked(),
  ])();

const thrower = (random: Random) => (): never => {
  if (random.next() < 0.1) {
    const forever = (): never => forever();
    return forever();
  }
  throw boom(random);
};

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable<object>({}, {});
  revoke();
  return proxy;
}

/** A proxy of which some traps throw and others return invalid values. */
function proxy(random: Random): object {
  const traps = ['get', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf'] as const;
  const handler: Record<string, () => unknown> = {};
  for (const trap of traps) {
    if (random.next() < 0.4) {
      handler[trap] = random.next() < 0.7 ? thrower(random) : () => random.pick(SMALL);
    }
  }
  return new Proxy(random.next() < 0.5 ? {} : [1, 2], handler);
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 ? { in: value } : [value];
  return value;
}

const DEEPEST = nested(DEPTH);
const LONG = 'x'.repeat(1 << 18);

function cycle(): object {
  const value: Record<string, unknown> = { id: '1', list: [] };
  value.self = value;
  value.list = [value, { value }];
  return value;
}

/** Objects of which each contains the next one twice. */
function doubled(): unknown {
  let value: unknown = 1;
  for (let level = 0; level < 60; level += 1) value = { a: value, b: value };
  return value;
}

function detached(): ArrayBuffer {
  const bytes = new ArrayBuffer(8);
  structuredClone(bytes, { transfer: [bytes] });
  return bytes;
}

const KINDS: readonly ((random: Random) => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => -0,
  () => 2 ** 60,
  () => 1n,
  () => Symbol('s'),
  () => '',
  () => '1',
  () => 'lone \udc00 \ud800',
  () => () => {},
  () => [],
  () => [1, undefined],
  () => new Array(1_000),
  () => Object.assign([1], { extra: 2 }),
  () => ({}),
  () => Object.create(null),
  () => JSON.parse('{"__proto__":{"polluted":1},"id":"1"}'),
  () => new Map([[1, cycle()]]),
  () => new Set([1]),
  () => new WeakMap(),
  () => new Date(0),
  () => new Date(Number.NaN),
  () => /x/g,
  () => Error('x'),
  () => new Blob(['x']),
  () => Promise.resolve(1),
  () => new Uint8Array(3),
  () => new ArrayBuffer(3),
  () => new SharedArrayBufferOrNot(3),
  () => detached(),
  () => Object(1n),
  () => Object(Symbol('s')),
  () => new String('boxed'),
  () => document.body,
  () => window,
  () => new URL('https://example.com/'),
  () => nested(127),
  () => nested(130),
  () => cycle(),
  () => revoked(),
  proxy,
  (random) => ({
    id: '1',
    get n() {
      return thrower(random)();
    },
  }),
  (random) => ({ toJSON: thrower(random) }),
  (random) => ({ toJSON: () => (random.next() < 0.5 ? cycle() : nested(300)) }),
  (random) => ({ valueOf: thrower(random), toString: thrower(random) }),
  // biome-ignore lint/suspicious/noThenProperty: it is what is tested.
  (random) => ({ then: thrower(random) }),
  // biome-ignore lint/suspicious/noThenProperty: it is what is tested.
  () => ({ then: (resolve: (value: unknown) => void) => resolve(cycle()) }),
  (random) => ({ [Symbol.toPrimitive]: thrower(random), [Symbol.iterator]: thrower(random) }),
  (random) => ({
    get [Symbol.toStringTag]() {
      return thrower(random)();
    },
  }),
  (random) => Object.defineProperty(Error('x'), 'message', { get: thrower(random) }),
];

/** `ArrayBuffer` on pages without `SharedArrayBuffer`. */
const SharedArrayBufferOrNot = globalThis.SharedArrayBuffer ?? ArrayBuffer;

/** A value of the app. */
export function hostileValue(random: Random): unknown {
  const chance = random.next();
  if (chance < 0.01) return DEEPEST;
  if (chance < 0.015) return LONG;
  if (chance < 0.016) return doubled();
  const value = random.pick(KINDS)(random);
  if (chance < 0.5) return value;
  // The same within a value that is otherwise valid.
  if (chance < 0.65) return [value];
  if (chance < 0.75) return [{ id: '1', value }, value];
  return { id: random.pick(['1', '2', 3]), value };
}

/**
 * A function of the app that returns such values or throws; with `later` it may return promises of them, for entries
 * that await promises. Elsewhere a rejected promise would be the app's own unhandled rejection.
 */
export function hostileFunction(random: Random, later: 'now' | 'later'): () => unknown {
  return () => {
    const chance = random.next();
    if (chance < 0.15) throw boom(random);
    if (later === 'later') {
      if (chance < 0.3) return Promise.reject(boom(random));
      if (chance < 0.6) return Promise.resolve(hostileValue(random));
    }
    return hostileValue(random);
  };
}

/** Values that JSON cannot carry unchanged are rejected at the call, with their path; others are sent unchanged. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { freshPage, type Page } from './page.js';

let page: Page;
// biome-ignore lint/suspicious/noExplicitAny: what the types forbid is what is tested.
let client: any;

beforeEach(async () => {
  page = await freshPage();
  client = page.createRealtimeClient();
});

const cycle: Record<string, unknown> = { n: 1 };
cycle.list = [cycle];

/** A value of this depth. */
const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 ? { in: value } : [value];
  return value;
};

/** Objects of which each contains the next one twice: 2^100 values, 100 deep. */
const doubled = (): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < 100; level += 1) value = { a: value, b: value };
  return value;
};

const boom = Error('boom');
const throws = (): never => {
  throw boom;
};
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const BAD: [name: string, place: string, value: () => unknown][] = [
  ['NaN', '', () => Number.NaN],
  ['Infinity in an object', '.a.b', () => ({ a: { b: Number.POSITIVE_INFINITY } })],
  ['-Infinity in a list', '.a[2]', () => ({ a: [1, 2, Number.NEGATIVE_INFINITY] })],
  ['a value after valid ones', '.c', () => ({ a: { x: 1 }, b: [[1]], c: Number.NaN })],
  ['a function', '.a.b[1]', () => ({ a: { b: [1, () => {}] } })],
  ['a symbol', '[0]', () => [Symbol('s')]],
  ['a bigint', '.n', () => ({ n: 1n })],
  ['nothing at all', '', () => undefined],
  ['undefined in a list', '[1]', () => [1, undefined]],
  // biome-ignore lint/suspicious/noSparseArray: it is what is tested.
  ['a hole in a list', '.a[1]', () => ({ a: [1, , 3] })],
  ['a Map', '.m', () => ({ m: new Map([[1, 2]]) })],
  ['a Set', '.s', () => ({ s: new Set([1]) })],
  ['a WeakMap', '.w', () => ({ w: new WeakMap() })],
  ['a Blob', '.file', () => ({ file: new Blob(['x']) })],
  ['an Error', '.e', () => ({ e: Error('x') })],
  ['an error of another class', '.e', () => ({ e: new TypeError('x') })],
  ['a regular expression', '.r', () => ({ r: /x/ })],
  ['a promise', '.p', () => ({ p: Promise.resolve() })],
  ['typed numbers', '.t', () => ({ t: new Float64Array(2) })],
  ['bytes within', '.b', () => ({ b: new ArrayBuffer(2) })],
  ['a view', '.v', () => ({ v: new DataView(new ArrayBuffer(2)) })],
  ['parameters of an address', '.q', () => ({ q: new URLSearchParams('a=1') })],
  ['a boxed symbol', '.b', () => ({ b: Object(Symbol('s')) })],
  [
    'arguments',
    '.a',
    () => ({
      a: (() => {
        return (function f(this: unknown) {
          // biome-ignore lint/complexity/noArguments: they are what is tested.
          return arguments;
        })();
      })(),
    }),
  ],
  ['a cycle', '.list[0]', () => cycle],
  [
    'a cycle through toJSON',
    '.a',
    () => {
      const a = { toJSON: () => b };
      const b: object = { a };
      return b;
    },
  ],
  ['too deep a list', '[0].in'.repeat(64), () => nested(129)],
  ['20,000 levels', '.in[0]'.repeat(64), () => nested(20_000)],
  ['what toJSON returns', '.d.x', () => ({ d: { toJSON: () => ({ x: Number.NaN }) } })],
];

const HOSTILE: [name: string, value: () => unknown][] = [
  [
    'a getter',
    () => ({
      a: {
        get b() {
          return throws();
        },
      },
    }),
  ],
  ['toJSON', () => ({ a: { toJSON: throws } })],
  ['a proxy', () => new Proxy({}, { ownKeys: throws })],
  [
    'a proxy of everything',
    () => new Proxy({}, { get: throws, has: throws, getPrototypeOf: throws }),
  ],
];

const entries: Record<string, [argument: string, call: (value: unknown) => unknown]> = {
  send: ['message', (value) => client.send('a', value)],
  'send with an event': ['message', (value) => client.channel('a').send('e', value)],
  insert: ['row', (value) => client.collection('a', {}).insert(value)],
  update: ['patch', (value) => client.collection('a', {}).update('1', value)],
  track: ['meta', (value) => client.channel('a').presence.track(value)],
  'update of presence': ['meta', (value) => client.channel('a').presence.update(value)],
};

function failure(call: () => unknown): InstanceType<Page['RealtimeError']> {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(page.RealtimeError);
    return error as InstanceType<Page['RealtimeError']>;
  }
  throw Error('nothing was thrown');
}

describe.each(Object.entries(entries))('%s', (_, [argument, call]) => {
  it.each(BAD)('rejects %s and names its path', (_name, place, value) => {
    const error = failure(() => call(value()));
    expect(error).toMatchObject({ code: 'invalid_argument', cause: undefined, retryable: false });
    expect(error.message).toBe(`${argument}${place} must be plain JSON.`);
  });

  it.each(HOSTILE)('the error that %s throws is the cause', (_name, value) => {
    expect(failure(() => call(value()))).toMatchObject({ code: 'invalid_argument', cause: boom });
  });

  it('rejects a revoked proxy, and a nested one', () => {
    for (const value of [revoked(), { a: revoked() }]) {
      expect(failure(() => call(value))).toMatchObject({
        code: 'invalid_argument',
        cause: expect.any(TypeError),
      });
    }
  });
});

it('an object that contains the same ones many times is rejected in time', () => {
  expect(failure(() => client.send('a', doubled())).code).toBe('invalid_argument');
}, 20_000);

it('transferred bytes are rejected', () => {
  for (const bytes of [new ArrayBuffer(8), new Uint8Array(8)]) {
    structuredClone(bytes, { transfer: [bytes instanceof ArrayBuffer ? bytes : bytes.buffer] });
    expect(failure(() => client.send('a', bytes)).code).toBe('invalid_argument');
  }
});

const shared = { n: 1 };

const GOOD = [
  null,
  true,
  '',
  'lone \ud800 surrogate',
  -0.5,
  1e300,
  2 ** 60,
  [],
  {},
  [[], {}],
  nested(128),
  { a: undefined, b: [null] },
  { twice: [shared, shared] },
  Object.create(null, { x: { value: 1, enumerable: true } }),
  new (class Point {
    x = 1;
    get y() {
      return 2;
    }
  })(),
  { at: new Date(0) },
  new Date(0),
  new URL('https://example.com/'),
  { toJSON: () => 5 },
  JSON.parse('{"__proto__":{"x":1},"constructor":1,"":2}'),
  new Proxy({ n: [1, 2] }, {}),
  new Proxy([1, { n: 2 }], {}),
  Array.from({ length: 1_000 }, (_, at) => ({ at, text: 'x'.repeat(90) })),
];

async function expectUnchanged(): Promise<void> {
  for (const value of GOOD) client.send('a', value);
  const sent = () =>
    page.double.engines.flatMap((engine) => engine.of('send').map(([, , text]) => text));
  await vi.waitFor(() => expect(sent()).toEqual(GOOD.map((value) => JSON.stringify(value))));
}

it('what JSON carries unchanged is sent as JSON.stringify writes it', expectUnchanged);

function expectOneRead(): void {
  let calls = 0;
  client.send('a', {
    get a() {
      return { n: ++calls };
    },
    b: { toJSON: () => ++calls },
  });
  expect(calls).toBe(2);
}

it('a getter is read and toJSON is called once', expectOneRead);

describe('once the engine is loaded', () => {
  beforeEach(async () => {
    const started = page.double.nextEngine();
    client.subscribe('base', {});
    await started;
  });

  it.each(BAD)('%s is rejected with its path', (_name, place, value) => {
    const error = failure(() => client.send('a', value()));
    expect(error).toMatchObject({ code: 'invalid_argument', cause: undefined });
    expect(error.message).toBe(`message${place} must be plain JSON.`);
  });

  it.each(HOSTILE)('the error that %s throws is the cause', (_name, value) => {
    expect(failure(() => client.send('a', value()))).toMatchObject({ cause: boom });
  });

  it('an object that contains the same ones many times is rejected in time', () => {
    expect(failure(() => client.send('a', doubled())).code).toBe('invalid_argument');
  }, 20_000);

  it('what JSON carries unchanged is sent as JSON.stringify writes it', expectUnchanged);

  it('a getter is read and toJSON is called once', expectOneRead);
});

describe('options', () => {
  it('of a send are read once, at the call', async () => {
    const started = page.double.nextEngine();
    let reads = 0;
    client.send('a', 1, {
      get event() {
        reads += 1;
        return `e${reads}`;
      },
    });
    const [sent] = (await started).of('send');
    expect([sent?.[4], reads]).toEqual(['e1', 1]);
  });

  it.each([
    [
      'of a send',
      () =>
        client.send('a', 1, {
          get ack() {
            return throws();
          },
        }),
    ],
    [
      'of a channel',
      () =>
        client.subscribe('a', {
          get params() {
            return throws();
          },
        }),
    ],
    [
      'of a client',
      () =>
        page.createRealtimeClient({
          get url(): string {
            return throws();
          },
        }),
    ],
    [
      'of configure',
      () =>
        client.configure({
          get url() {
            return throws();
          },
        }),
    ],
  ])('%s that throw are rejected with the cause', (_, call) => {
    expect(failure(call)).toMatchObject({ code: 'invalid_argument', cause: boom });
  });

  it.each([
    ['{}', {}],
    ['5', 5],
  ])('an invalid signal (%s) is rejected before anything is queued', (_, signal) => {
    expect(failure(() => client.send('a', 1, { signal }))).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('signal'),
    });
    expect(client.getSnapshot()).toMatchObject({ state: 'idle', queueDepth: 0 });
  });

  it.each([[Symbol('s')], [{}], [null], [() => '1']])('an invalid key is rejected', (key) => {
    const notes = client.collection('a', {});
    for (const call of [() => notes.update(key, {}), () => notes.remove(key)]) {
      expect(failure(call)).toMatchObject({ code: 'invalid_argument' });
    }
  });

  it.each([
    ['event', { event: 5 }],
    ['event', { event: Symbol('s') }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['timeoutMs', { timeoutMs: '5' }],
    ['ttlMs', { ttlMs: 5n }],
    ['ttlMs', { ttlMs: { valueOf: throws } }],
  ])('an invalid %s fails the send', async (name, options) => {
    const started = page.double.nextEngine();
    const { acked } = client.send('a', 1, options);
    await expect(acked).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(`options.${name}`),
    });
    client.subscribe('a', {});
    expect((await started).of('send')).toEqual([]);
  });

  it.each([
    ['params', { params: { n: Number.NaN } }, 'options.params.n'],
    ['params', { params: nested(200) }, 'options.params'],
    ['params', { params: cycle }, 'options.params.list[0]'],
  ])('of a channel: %s are rejected', async (_, options, place) => {
    const started = page.double.nextEngine();
    const onError = (error: Error) => errors.push(error);
    const errors: Error[] = [];
    client.on('error', () => {});
    client.subscribe('a', {});
    client.subscribe(
      'b',
      Object.defineProperties({ onError }, Object.getOwnPropertyDescriptors(options)),
    );
    const engine = await started;
    expect(engine.of('subscribe').map(([, channel]) => channel)).toEqual(['a']);
    expect(errors).toMatchObject([
      { code: 'invalid_argument', message: expect.stringContaining(place) },
    ]);
  });

  it('dedupKey: an error it throws or a key that is not a string is reported, and the message is delivered', async () => {
    const started = page.double.nextEngine();
    const codes: string[] = [];
    client.on('error', ({ code }: { code: string }) => codes.push(code));
    const answers: unknown[] = ['key', 5, {}];
    client.subscribe('a', {
      dedupKey: () => (answers.length ? answers.shift() : throws()) as string,
    });
    const [subscribed] = (await started).of('subscribe');
    const { dedupKey } = (subscribed?.[2] ?? {}) as { dedupKey: (message: unknown) => unknown };
    expect([1, 2, 3, 4].map(dedupKey)).toEqual(['key', undefined, undefined, undefined]);
    expect(codes).toEqual(['invalid_argument', 'callback_failed']);
  });
});

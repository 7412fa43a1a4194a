/** Requests of collections to the app: whatever its functions do, the engine gets an answer. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CollectionOptions } from '../../pkg-template/src/index.js';
import { type EngineDouble, freshPage, type Page, report } from './page.js';

type Row = { id: string; text?: string };

let page: Page;
let client: ReturnType<Page['createRealtimeClient']>;
let engine: EngineDouble;

beforeEach(async () => {
  page = await freshPage();
  client = page.createRealtimeClient();
  const started = page.double.nextEngine();
  client.subscribe('base', {});
  engine = await started;
});

function open(options: CollectionOptions<Row>) {
  const rows = client.collection<Row>('rows', options);
  return { rows, number: engine.of('openCollection').at(-1)?.[0] };
}

/** The first call of one method, as soon as there is one. */
const first = (method: string) => vi.waitUntil(() => engine.of(method)[0]);

const thrower = (error: unknown) => () => {
  throw error;
};

describe('load', () => {
  const row = { id: '1' };
  const position = { epoch: 'e', seq: 4 };

  it.each([
    ['rows', () => [row], [undefined, undefined]],
    ['rows in a promise', async () => [row], [undefined, undefined]],
    ['rows with their position', () => ({ rows: [row], position }), ['e', 4]],
    ['rows without', async () => ({ rows: [row] }), [undefined, undefined]],
  ] satisfies [string, CollectionOptions<Row>['load'], unknown[]][])(
    'returns %s',
    async (_, load, at) => {
      const { number } = open({ load });
      report(engine).request(number, 'Load', 9);
      const answer = await first('answerLoad');
      expect(answer).toEqual([number, 9, [row], ...at]);
    },
  );

  it.each([
    ['throws', thrower(Error('no network')), Error('no network'), 'no network'],
    ['rejects', async () => Promise.reject({ code: 'A1' }), { code: 'A1' }, '[object Object]'],
    ['throws undefined', thrower(undefined), undefined, 'undefined'],
    ['returns nothing', () => undefined, expect.any(Error), 'load gave neither rows nor { rows }'],
    [
      'returns no rows',
      () => ({ rows: 1 }),
      expect.any(Error),
      'load gave neither rows nor { rows }',
    ],
  ])('that %s is reported as a failure', async (_, load, thrown, message) => {
    const { number } = open({ load: load as never });
    report(engine).request(number, 'Load', 9);
    const answer = await first('answerFailed');
    expect(answer.slice(0, 3)).toEqual([number, 9, thrown]);
    expect(answer[3]).toContain(message);
    expect(engine.of('answerLoad')).toEqual([]);
  });
});

const cycle: { id: string; self?: unknown } = { id: '1' };
cycle.self = cycle;

describe.each([
  ['a Map', { id: '1', tags: new Map() }, '.tags'],
  ['a Set within', { id: '1', in: [{ a: new Set() }] }, '.in[0].a'],
  ['an Error', { id: '1', why: Error('x') }, '.why'],
  ['a function', { id: '1', call: () => {} }, '.call'],
  ['a bigint', { id: '1', n: 1n }, '.n'],
  ['NaN', { id: '1', n: Number.NaN }, '.n'],
  ['a hole in a list', { id: '1', list: [undefined] }, '.list[0]'],
  ['a cycle', cycle, '.self'],
])('a row that contains %s', (_, row, path) => {
  it('fails the load with its path', async () => {
    const { number } = open({ load: () => [{ id: '0' }, row] as never });
    report(engine).request(number, 'Load', 9);
    const answer = await first('answerFailed');
    const rejection = expect.objectContaining({ code: 'invalid_argument' });
    expect(answer).toEqual([number, 9, rejection, `rows[1]${path} must be plain JSON.`]);
    expect(engine.of('answerLoad')).toEqual([]);
  });

  it('returned by persist fails the request with its path', async () => {
    const { number } = open({ persist: async () => row as never });
    report(engine).request(number, 'Persist', 3, { kind: 'delete', key: '1' }, 'm1', 0);
    const answer = await first('answerFailed');
    expect(answer[3]).toBe(`the stored row${path} must be plain JSON.`);
  });
});

class Todo {
  constructor(
    readonly id: string,
    readonly text: string,
  ) {}
  get title() {
    return `${this.id}: ${this.text}`;
  }
}

it('rows may contain dates and undefined members, and keep their class', async () => {
  const at = new Date(5);
  const { number } = open({
    load: () => [{ id: '1', at, gone: undefined }, new Todo('2', 'tea')] as never,
  });
  report(engine).request(number, 'Load', 9);
  const [dated, todo] = (await first('answerLoad'))[2] as [object, Todo];
  expect(dated).toStrictEqual({ id: '1', at, gone: undefined });
  expect(todo).toBeInstanceOf(Todo);
  expect(todo.title).toBe('2: tea');
});

/** A row whose code runs whenever it is read, and throws from the third time on. */
function rowThatCountsReads(): { row: Row; reads: () => number } {
  let reads = 0;
  const read = () => {
    reads += 1;
    if (reads > 2) throw undefined;
    return 'text';
  };
  const target = { id: '1', list: [1] };
  const row = {
    id: '1',
    get text() {
      return read();
    },
    list: new Proxy([1, 2], {}),
    object: new Proxy(target, {}),
  };
  return { row, reads: () => reads };
}

describe('the engine gets copies, whose reading runs no code of the app', () => {
  const cases: [
    string,
    (row: Row) => CollectionOptions<Row>,
    Parameters<typeof requestFor>[1],
    string,
  ][] = [
    ['a loaded row', (row) => ({ load: () => [row] }), 'Load', 'answerLoad'],
    ['a stored row', (row) => ({ persist: async () => row }), 'Persist', 'answer'],
    ['what conflict returns', (row) => ({ conflict: () => row }), 'Resolve', 'answer'],
    ['what key returns', (row) => ({ key: () => row as never }), 'Key', 'answer'],
  ];
  const requestFor = (number: unknown, kind: 'Load' | 'Persist' | 'Resolve' | 'Key'): void => {
    report(engine).request(number as number, kind, 9, { kind: 'delete', key: '1' }, 'm1', 0);
  };

  it.each(cases)('%s', async (_, options, kind, method) => {
    const { row, reads } = rowThatCountsReads();
    const { number } = open(options(row));
    requestFor(number, kind);
    const answer = await first(method);
    const after = reads();
    const given = [answer.at(kind === 'Load' ? 2 : 3)].flat()[0] as Row;
    expect(given).toEqual({ id: '1', text: 'text', list: [1, 2], object: { id: '1', list: [1] } });
    expect(Object.getOwnPropertyDescriptor(given, 'text')?.get).toBeUndefined();
    expect(reads()).toBe(after);
  });
});

it.each([
  ['key', 'Key', { key: () => new Proxy([1], { get: thrower(undefined) }) as never }],
  [
    'conflict',
    'Resolve',
    { conflict: () => new Proxy({}, { ownKeys: thrower(undefined) }) as Row },
  ],
] as const)('%s that returns an unreadable value is reported as a failure', (_, kind, options) => {
  const { number } = open(options);
  report(engine).request(number, kind, 9, { id: '1' });
  const rejection = expect.objectContaining({ code: 'invalid_argument' });
  expect(engine.of('answerFailed')[0]?.slice(0, 3)).toEqual([number, 9, rejection]);
});

describe('persist', () => {
  const change = { kind: 'update', key: '1', row: { text: 'new' } };

  it('receives the change with the id of its mutation, and returns the stored row', async () => {
    const stored = { id: '1', text: 'new' };
    const persist = vi.fn(async () => stored);
    const { number } = open({ persist });
    report(engine).request(number, 'Persist', 3, change, 'm1', 0);
    expect(await first('answer')).toEqual([number, 3, 1, stored]);
    expect(persist).toHaveBeenCalledExactlyOnceWith(change, { mutation: 'm1' });
  });

  it('marks the mutation as sent when it is called', () => {
    const { rows, number } = open({ persist: () => new Promise(() => {}) });
    const mutation = rows.insert({ id: '1' });
    report(engine).request(
      number,
      'Persist',
      3,
      change,
      `${mutation.id}~2`,
      engine.of('mutate')[0]?.[1],
    );
    expect(mutation.status).toBe('sent');
  });

  it('may return nothing', async () => {
    const { number } = open({ persist: async () => {} });
    report(engine).request(number, 'Persist', 3, change, 'm1', 0);
    expect(await first('answer')).toEqual([number, 3, 1, undefined]);
  });

  it.each([
    [{ status: 409 }],
    [{ code: 'conflict' }],
    [Object.assign(Error('gone'), { code: 7 })],
    [null],
  ])('that rejects with %o fails the request with that error', async (error) => {
    const { number } = open({ persist: () => Promise.reject(error) });
    report(engine).request(number, 'Persist', 3, change, 'm1', 0);
    expect((await first('answerFailed'))[2]).toBe(error);
  });

  it('that throws synchronously is a rejection as well', async () => {
    const { number } = open({ persist: thrower(Error('mine')) });
    report(engine).request(number, 'Persist', 3, change, 'm1', 0);
    expect(await first('answerFailed')).toEqual([number, 3, Error('mine'), 'mine']);
  });
});

describe('the conflict policy', () => {
  const [local, remote, base] = [{ id: '1', text: 'l' }, { id: '1', text: 'r' }, { id: '1' }];

  it('decides in the same task', () => {
    const conflict = vi.fn((mine: Row, theirs: Row) => ({ ...theirs, text: mine.text as string }));
    const { number } = open({ conflict });
    report(engine).request(number, 'Resolve', 5, local, remote, base);
    expect(conflict).toHaveBeenCalledExactlyOnceWith(local, remote, base);
    expect(engine.of('answer')).toEqual([[number, 5, 2, { id: '1', text: 'l' }]]);
  });

  it('that throws fails the request', () => {
    const { number } = open({ conflict: thrower(Error('mine')) });
    report(engine).request(number, 'Resolve', 5, local, remote, base);
    expect(engine.of('answerFailed')).toEqual([[number, 5, Error('mine'), 'mine']]);
  });
});

describe('the key', () => {
  it.each(['a', 7, undefined, null, 1.5])('%s is answered in the same task, unchanged', (key) => {
    const { number } = open({ key: () => key as never });
    report(engine).request(number, 'Key', 6, { id: '07' });
    expect(engine.of('answer')).toEqual([[number, 6, 3, key]]);
  });

  it('that throws fails the request', () => {
    const { number } = open({ key: thrower(Error('mine')) });
    report(engine).request(number, 'Key', 6, { id: '1' });
    expect(engine.of('answerFailed')).toEqual([[number, 6, Error('mine'), 'mine']]);
  });
});

it('a released collection gets no requests', () => {
  const load = vi.fn(() => []);
  const { rows, number } = open({ load });
  rows.release();
  report(engine).request(number, 'Load', 9);
  expect(load).not.toHaveBeenCalled();
});

/** Collections: the calls of the engine, in order, and the snapshots of views. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type EngineDouble, engineError, freshPage, type Page, report } from './page.js';

interface Note {
  id: string;
  text: string;
}

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

/** The number of the collection opened last. */
const opened = (on = engine): unknown => on.of('openCollection').at(-1)?.[0];
/** The number of the last mutation. */
const mutated = (on = engine): unknown => on.of('mutate').at(-1)?.[1];

const one: Note = { id: '1', text: 'b' };
const two: Note = { id: '2', text: 'a' };

describe('opening', () => {
  it('passes its options to the engine, each with its default', () => {
    client.collection('notes');
    client.collection<Note>('notes', {
      key: (note) => note.id,
      load: () => [],
      persist: async () => {},
      events: { update: 'changed' },
      conflict: (local) => local,
      version: 'text',
      limit: 5,
      sort: () => 0,
      params: { page: 1 },
      onError: () => {},
    });
    const [first, second] = engine.of('openCollection');
    expect(first?.[0]).toBe(first?.[1]);
    expect(first?.slice(2)).toEqual([
      'notes',
      {},
      {
        key: 'id',
        loads: false,
        persists: false,
        events: ['insert', 'update', 'delete'],
        conflict: 0,
        version: undefined,
        limit: undefined,
        functions: [0, 0, 0, 0, 0],
      },
    ]);
    expect(second?.slice(2)).toEqual([
      'notes',
      { params: { page: 1 } },
      {
        key: undefined,
        loads: true,
        persists: true,
        events: ['insert', 'changed', 'delete'],
        conflict: 4,
        version: 'text',
        limit: 5,
        functions: [1, 2, 3, 4, 0].map((_, at) => (at < 4 ? expect.any(Number) : 0)),
      },
    ]);
  });

  it('identifies each function by a constant number', () => {
    const load = () => [];
    const persist = async () => {};
    const numbers = (options: object) => {
      client.collection('notes', options);
      const [, , , , reported] = engine.of('openCollection').at(-1) ?? [];
      return (reported as { functions: number[] }).functions;
    };
    const first = numbers({ load, persist });
    expect(new Set(first.slice(1, 3)).size).toBe(2);
    expect(numbers({ load, persist, sort: () => 0, onError: () => {} })).toEqual(first);
    expect(numbers({ load })).toEqual([0, first[1], 0, 0, 0]);
    expect(numbers({ load: () => [], persist })).not.toEqual(first);
  });

  it.each(['server-wins', 'client-wins', 'last-write-wins', 'merge'] as const)(
    'names the policy %s by its number',
    (conflict) => {
      client.collection('notes', { conflict });
      const policies = ['server-wins', 'client-wins', 'last-write-wins', 'merge'];
      const options = engine.of('openCollection')[0]?.[4];
      expect(options).toMatchObject({ conflict: policies.indexOf(conflict) });
    },
  );

  it('throws the engine’s error if the engine is loaded, else has it as its error', async () => {
    const reject = (method: string, [, , channel]: unknown[]) => {
      if (method === 'openCollection' && channel === 'full') throw engineError('channel_limit');
    };
    page.double.beforeEachCall(reject);
    expect(() => client.collection('full')).toThrow(
      expect.objectContaining({ code: 'channel_limit' }),
    );
    const other = page.createRealtimeClient();
    const onError = vi.fn();
    const started = page.double.nextEngine();
    const notes = other.collection<Note>('full', { onError });
    const mutation = notes.insert(one);
    other.subscribe('fine', {});
    const second = await started;
    expect(notes).toMatchObject({ isLoading: false, error: { code: 'channel_limit' } });
    expect(onError).toHaveBeenCalledExactlyOnceWith(notes.error);
    await expect(mutation.promise).rejects.toBe(notes.error);
    await expect(notes.remove('1').promise).rejects.toBe(notes.error);
    expect(second.of('mutate')).toEqual([]);
  });
});

describe('before the engine', () => {
  it('changes are checked and serialised at the call, and replayed in order', async () => {
    const other = page.createRealtimeClient();
    const started = page.double.nextEngine();
    const notes = other.collection<Note & { position?: number }>('notes', {});
    expect(notes.getSnapshot()).toEqual({
      items: [],
      isLoading: true,
      error: null,
      pending: [],
      continuity: 'fresh',
    });
    const row = { text: 'as it was' };
    const inserted = notes.insert(row);
    row.text = 'changed';
    const updated = notes.update(7, { position: 2 });
    const sent = other.send('notes', 'between');
    const removed = notes.remove('8');
    expect([inserted.status, updated.status, removed.status]).toEqual(Array(3).fill('pending'));
    expect(other.getSnapshot().queueDepth).toBe(1);
    const second = await started;
    expect(second.calls.map(([method]) => method)).toEqual([
      'openCollection',
      'mutate',
      'mutate',
      'send',
      'mutate',
    ]);
    const collection = opened(second);
    expect(second.of('mutate').map(([first, , ...rest]) => [first, ...rest])).toEqual([
      [collection, inserted.id, 0, undefined, '{"text":"as it was"}'],
      [collection, updated.id, 1, '7', '{"position":2}'],
      [collection, removed.id, 2, '8', undefined],
    ]);
    expect(second.of('send')[0]?.[3]).toBe(sent.id);
  });

  it('releasing it aborts its changes', async () => {
    const other = page.createRealtimeClient();
    const notes = other.collection<Note>('notes', {});
    const mutation = notes.insert(one);
    notes.release();
    notes.release();
    await expect(mutation.promise).rejects.toMatchObject({ code: 'aborted' });
    expect(other.state).toBe('idle');
    const started = page.double.nextEngine();
    other.subscribe('a', {});
    expect((await started).calls.map(([method]) => method)).toEqual(['subscribe']);
  });
});

describe('an invalid argument', () => {
  it.each<[string, () => unknown]>([
    ['channel', () => client.collection('')],
    ['options', () => client.collection('notes', 'fast' as never)],
    ['key', () => client.collection('notes', { key: 7 as never })],
    ['load', () => client.collection('notes', { load: [] as never })],
    ['persist', () => client.collection('notes', { persist: 'PUT' as never })],
    ['sort', () => client.collection('notes', { sort: 'id' as never })],
    ['row', () => client.collection('notes').insert('text' as never)],
    ['row', () => client.collection('notes').insert([] as never)],
    ['row', () => client.collection('notes').insert({ id: 1n })],
    ['patch', () => client.collection('notes').update('1', null as never)],
    ...['', undefined, null, 1.5, 2 ** 53, Number.NaN, true, {}, ['a']].flatMap((key) => [
      ['key', () => client.collection('notes').update(key as never, {})] as [string, () => unknown],
      ['key', () => client.collection('notes').remove(key as never)] as [string, () => unknown],
    ]),
    ...['', null, 1.5, 2 ** 53, true, {}, ['a']].flatMap((id) => [
      ['key', () => client.collection('notes').insert({ id } as never)] as [string, () => unknown],
      ['key', () => client.collection('notes', { key: () => id as never }).insert({})] as [
        string,
        () => unknown,
      ],
    ]),
    ['patch.text', () => client.collection('notes').update('1', { text: undefined } as never)],
    ['listener', () => client.collection('notes').on('change', null as never)],
  ])('%s: throws at the call', (argument, call) => {
    expect(call).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: expect.stringContaining(argument),
      }),
    );
    expect(engine.of('mutate')).toEqual([]);
  });

  it('a destroyed client rejects changes', async () => {
    const notes = client.collection<Note>('notes');
    const mutation = notes.insert(one);
    client.destroy();
    await expect(mutation.promise).rejects.toMatchObject({ code: 'destroyed' });
    const rejection = expect.objectContaining({ code: 'destroyed' });
    expect(() => notes.insert(one)).toThrow(rejection);
    expect(() => notes.reload()).toThrow(rejection);
    expect(() => client.collection('notes')).toThrow(rejection);
    notes.release();
  });
});

describe('the snapshot', () => {
  it('is the same until something in it changed', () => {
    const notes = client.collection<Note>('notes', {});
    const changes = vi.fn();
    notes.on('change', changes);
    report(engine).collection(opened(), { rows: [one, two] });
    const snapshot = notes.getSnapshot();
    expect(snapshot).toMatchObject({ items: [one, two], isLoading: false, error: null });
    expect(notes.items[0]).toBe(one);
    expect(Object.isFrozen(snapshot)).toBe(true);
    report(engine).collection(opened(), { rows: [one, two] });
    expect(notes.getSnapshot()).toBe(snapshot);
    report(engine).collection(opened(), { rows: [one, two], status: 'loading' });
    expect(notes.isLoading).toBe(true);
    expect(notes.items).toBe(snapshot.items);
    report(engine).collection(opened(), { rows: [one] });
    expect(notes.items).toEqual([one]);
    expect(changes.mock.calls.map(([{ items, isLoading }]) => [items.length, isLoading])).toEqual([
      [2, false],
      [2, true],
      [1, false],
    ]);
  });

  it('contains rows by key', () => {
    const notes = client.collection<Note>('notes', {});
    expect(notes.get('1')).toBeUndefined();
    report(engine).collection(opened(), { rows: [one, two] });
    expect([notes.get('1'), notes.get(2), notes.get('3')]).toEqual([one, two, undefined]);
  });

  it('is sorted by the given order; an error of it is reported', () => {
    const errors = vi.fn();
    client.on('error', errors);
    const notes = client.collection<Note>('notes', {
      sort: (a, b) => a.text.localeCompare(b.text),
    });
    report(engine).collection(opened(), { rows: [one, two] });
    const { items } = notes;
    expect(items).toEqual([two, one]);
    report(engine).collection(opened(), { rows: [one, two] });
    expect(notes.items).toBe(items);
    report(engine).collection(opened(), { rows: [one, { id: '3' } as never] });
    expect(notes.items).toHaveLength(2);
    expect(errors.mock.calls[0]?.[0]).toMatchObject({ code: 'callback_failed' });
  });

  it('lists pending changes until they are settled', async () => {
    const notes = client.collection<Note>('notes', {});
    const first = notes.insert(one);
    const number = mutated();
    const second = notes.remove('2');
    const pending: [unknown, string][] = [
      [number, '1'],
      [mutated(), '2'],
    ];
    report(engine).collection(opened(), { rows: [one], pending });
    const before = notes.pending;
    expect(before).toEqual([
      { id: first.id, key: '1', kind: 'insert' },
      { id: second.id, key: '2', kind: 'delete' },
    ]);
    expect([notes.isPending('1'), notes.isPending(2), notes.isPending('3')]).toEqual([
      true,
      true,
      false,
    ]);
    report(engine).collection(opened(), { rows: [one, two], pending });
    expect(notes.pending).toBe(before);
    report(engine).mutation(number, 'acked', { confirmed: true, row: one });
    expect(notes.pending.map(({ id }) => id)).toEqual([second.id]);
    report(engine).collection(opened(), { rows: [one], pending });
    expect(notes.isPending('1')).toBe(false);
  });

  it('has the error of loading, reported once per error, until it has recovered', () => {
    const [onError, error] = [vi.fn(), vi.fn()];
    client.on('error', error);
    const notes = client.collection<Note>('notes', { onError });
    const failure = { status: 'loading', error: engineError('load_failed') } as const;
    report(engine).collection(opened(), failure);
    const { error: shown } = notes;
    expect(shown).toMatchObject({ code: 'load_failed' });
    expect(shown).toBeInstanceOf(page.RealtimeError);
    report(engine).collection(opened(), { ...failure, error: engineError('load_failed') });
    expect(notes.error).toBe(shown);
    expect(onError).toHaveBeenCalledExactlyOnceWith(shown);
    expect(error).toHaveBeenCalledExactlyOnceWith(shown);
    report(engine).collection(opened(), { rows: [one] });
    expect(notes).toMatchObject({ error: null, isLoading: false });
  });

  it('has the state of the channel', () => {
    const onGap = vi.fn();
    const notes = client.collection<Note>('notes', { onGap });
    report(engine).channel('notes', 'ready', 'recovered');
    expect(notes.continuity).toBe('recovered');
    report(engine).gap('notes', { from: 1, to: 2 });
    report(engine).channel('notes', 'failed', 'gap', engineError('forbidden'));
    expect(onGap).toHaveBeenCalledOnce();
    expect(notes).toMatchObject({
      continuity: 'gap',
      isLoading: false,
      error: { code: 'forbidden' },
    });
  });

  it('a listener that throws is reported and does not affect others', () => {
    const [errors, other] = [vi.fn(), vi.fn()];
    client.on('error', errors);
    const notes = client.collection<Note>('notes', {});
    notes.on('change', () => {
      throw Error('mine');
    });
    const off = notes.on('change', other);
    report(engine).collection(opened(), { rows: [one] });
    off();
    report(engine).collection(opened(), { rows: [] });
    expect(other).toHaveBeenCalledOnce();
    expect(errors.mock.calls[0]?.[0]).toMatchObject({ code: 'callback_failed' });
  });
});

describe('a mutation', () => {
  it('has the statuses pending, sent, confirmed', async () => {
    const notes = client.collection<Note>('notes', {});
    const mutation = notes.update('1', { text: 'new' });
    report(engine).mutation(mutated(), 'sent');
    expect(mutation.status).toBe('sent');
    report(engine).mutation(mutated(), 'acked', { confirmed: true, row: one });
    expect(mutation.status).toBe('confirmed');
    await expect(mutation.promise).resolves.toEqual({ confirmed: true, row: one });
    report(engine).mutation(mutated(), 'failed', engineError('rejected'));
    expect(mutation.status).toBe('confirmed');
  });

  it('ends as sent where the server cannot confirm', async () => {
    const mutation = client.collection<Note>('notes', {}).remove('1');
    report(engine).mutation(mutated(), 'acked', { confirmed: false });
    expect(mutation.status).toBe('sent');
    await expect(mutation.promise).resolves.toEqual({ confirmed: false });
  });

  it('that fails without a handler causes no unhandled rejection', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const mutation = client.collection<Note>('notes', {}).insert(one);
    report(engine).mutation(mutated(), 'failed', engineError('rejected'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(mutation.status).toBe('failed');
    await expect(mutation.promise).rejects.toMatchObject({ code: 'rejected' });
  });

  it('has the key that the function returns, if any', () => {
    const notes = client.collection<{ slug?: string | number }>('notes', {
      key: ({ slug }) => slug,
    });
    notes.insert({ slug: 'a' });
    notes.insert({ slug: 5 });
    notes.insert({});
    expect(engine.of('mutate').map(([, , , , key]) => key)).toEqual(['a', '5', undefined]);
  });

  it('has the key in its row, if there is one', () => {
    const notes = client.collection<{ id: string | number; text?: string }>('notes');
    for (const id of ['a', 5, -0, Number.MAX_SAFE_INTEGER]) notes.insert({ id });
    notes.insert({ text: 'new' });
    notes.insert({ id: undefined as never });
    expect(engine.of('mutate').map(([, , , , key]) => key)).toEqual([
      'a',
      '5',
      '0',
      '9007199254740991',
      undefined,
      undefined,
    ]);
  });

  it('may omit members and have undefined ones within its values', () => {
    const notes = client.collection<{ id: string; meta?: object }>('notes');
    notes.update('1', { meta: { a: undefined } });
    expect(engine.of('mutate').at(-1)?.at(-1)).toBe('{"meta":{}}');
  });
});

it('reload and release pass the number of the collection to the engine, release once', () => {
  const notes = client.collection<Note>('notes', {});
  const listener = vi.fn();
  notes.on('change', listener);
  notes.reload();
  notes.release();
  notes.release();
  expect(engine.of('reload')).toEqual([[opened()]]);
  expect(engine.of('closecollection')).toEqual([[opened()]]);
  report(engine).collection(opened(), { rows: [one] });
  expect(listener).not.toHaveBeenCalled();
  expect(notes.items).toEqual([]);
});

it('a released collection rejects changes', async () => {
  const notes = client.collection<Note>('notes', {});
  notes.release();
  await expect(notes.insert(one).promise).rejects.toMatchObject({
    code: 'aborted',
    channel: 'notes',
  });
  expect(engine.of('mutate')).toEqual([]);
});

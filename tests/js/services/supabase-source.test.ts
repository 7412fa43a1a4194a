/** The source for supabase-js: its calls of a query builder. The real one is used in tests/peers. */
import { expect, it } from 'vitest';
import { fromSupabase, type Place } from '../../../pkg-template/src/services/index.js';

interface Line {
  id: string;
  text: string;
}

const place: Place = {
  name: 'lines',
  channel: 'lines:7',
  path: undefined,
  table: 'lines',
  filter: { room: '7', town: 'here' },
  order: undefined,
  key: 'id',
  version: undefined,
  limit: undefined,
};

/** A query builder that records its calls and returns this answer. */
function builder(answer: { data?: unknown; error?: object; status?: number }) {
  const calls: string[] = [];
  const query: object = new Proxy(
    // biome-ignore lint/suspicious/noThenProperty: a query of supabase-js is awaited
    { then: (resolve: (value: object) => void) => resolve({ error: null, ...answer }) },
    {
      get: (target, name) =>
        name in target
          ? target[name as never]
          : (...values: unknown[]) => {
              calls.push(`${String(name)} ${values.map((value) => JSON.stringify(value)).join()}`);
              return query;
            },
    },
  );
  const supabase = {
    from: (table: string) => {
      calls.push(`from ${table}`);
      return query;
    },
  };
  return { supabase, calls };
}

const row: Line = { id: '1', text: 'one' };

it('subscribes to the changes of its rows', () => {
  const { supabase } = builder({});
  const of = (filter: Place['filter'], options = {}) =>
    fromSupabase(supabase, options)<Line>({ ...place, filter }).postgresChanges;
  expect(of(place.filter)).toEqual([
    { schema: 'public', table: 'lines', filter: 'room=eq.7,town=eq.here' },
  ]);
  expect(of({}, { schema: 'app' })).toEqual([{ schema: 'app', table: 'lines' }]);
});

it.each([
  ['all', {}, []],
  ['the oldest first', { order: 'at' }, ['order "at",{"ascending":true}']],
  ['the newest', { order: 'at', limit: 2 }, ['order "at",{"ascending":false}', 'limit 2']],
])('loads %s', async (_, more, further) => {
  const other: Line = { id: '2', text: 'two' };
  const { supabase, calls } = builder({ data: [other, row] });
  const loaded = await fromSupabase(supabase)<Line>({ ...place, ...more }).load?.();
  // The limit removes the oldest first.
  expect(loaded).toEqual('limit' in more ? [row, other] : [other, row]);
  expect(calls).toEqual(['from lines', 'select ', 'eq "room","7"', 'eq "town","here"', ...further]);
});

it('stores each kind of change, and returns the stored row', async () => {
  const { supabase, calls } = builder({ data: [row] });
  const { persist } = fromSupabase(supabase)<Line>({ ...place, key: 'text' });
  const context = { mutation: 'm' };
  expect(await persist?.({ kind: 'insert', key: 'tmp:m', row: { text: 'a' } }, context)).toBe(row);
  expect(await persist?.({ kind: 'update', key: 'k', row: { text: 'b' } }, context)).toBe(row);
  expect(await persist?.({ kind: 'delete', key: 'k' }, context)).toBeUndefined();
  expect(calls.join('; ')).toBe(
    'from lines; insert {"text":"a"}; select ; ' +
      'from lines; update {"text":"b"}; eq "text","k"; select ; ' +
      'from lines; delete ; eq "text","k"; select ',
  );
});

it('updates a row only if its version is unchanged', async () => {
  const change = { kind: 'update', key: 'k', row: { text: 'b', version: 3 } } as const;
  const versioned = { ...place, version: 'version' };
  const there = builder({ data: [row] });
  await fromSupabase(there.supabase)<Line>(versioned).persist?.(change, { mutation: 'm' });
  expect(there.calls.join('; ')).toBe(
    'from lines; update {"text":"b"}; eq "id","k"; eq "version",3; select ',
  );
  const { persist } = fromSupabase(builder({ data: [] }).supabase)<Line>(versioned);
  await expect(persist?.(change, { mutation: 'm' })).rejects.toMatchObject({ code: 'conflict' });
  // A table without versions.
  const plain = { ...change, row: { text: 'b' } };
  await expect(persist?.(plain, { mutation: 'm' })).rejects.toMatchObject({ code: 'not_found' });
});

it('reports errors of the database by a code, and missing rows', async () => {
  const change = { kind: 'delete', key: '1' } as const;
  const outcome = (answer: Parameters<typeof builder>[0]) =>
    fromSupabase(builder(answer).supabase)<Line>(place).persist?.(change, { mutation: 'm' });
  const error = { code: '23505', message: 'duplicate key' };
  await expect(outcome({ error, status: 409 })).rejects.toMatchObject({
    code: 'conflict',
    message: 'duplicate key',
  });
  await expect(outcome({ error, status: 403 })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(outcome({ data: [] })).rejects.toMatchObject({ code: 'not_found' });
  const { load } = fromSupabase(builder({ error, status: 401 }).supabase)<Line>(place);
  await expect(load?.()).rejects.toMatchObject({ code: 'unauthorized', status: 401 });
});

it('leaves changes to the channel with persist: false', () => {
  const { supabase } = builder({});
  expect(fromSupabase(supabase, { persist: false })<Line>(place).persist).toBeUndefined();
});

it('throws if the service has no table there', () => {
  expect(() => fromSupabase(builder({}).supabase)({ ...place, table: undefined })).toThrow(
    expect.objectContaining({ code: 'invalid_argument', message: 'lines has no table.' }),
  );
});

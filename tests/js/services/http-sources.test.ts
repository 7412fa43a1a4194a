/** The sources that use JSON over HTTP: their requests, and how they handle responses. */
import { describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../pkg-template/src/index.js';
import {
  type HttpOptions,
  type Place,
  reference,
  rest,
} from '../../../pkg-template/src/services/index.js';

interface Line {
  id: string;
  text: string;
}

const place: Place = {
  name: 'lines',
  channel: 'lines:7',
  path: '/rooms/7/lines',
  table: undefined,
  filter: {},
  order: undefined,
  key: 'id',
  version: undefined,
  limit: undefined,
};

const changes = {
  insert: { kind: 'insert', key: 'tmp:m', row: { text: 'new' } },
  update: { kind: 'update', key: 'a/b', row: { text: 'other' } },
  delete: { kind: 'delete', key: 'a/b' },
} satisfies Record<string, Change<Line>>;

/** A `fetch` with this response, and its recorded requests. */
function answering(body: unknown, status = 200) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return vi.fn<typeof fetch>(async () => new Response(status === 204 ? null : text, { status }));
}

const requested = (fetch: ReturnType<typeof answering>) =>
  fetch.mock.calls.map(([address, init]) => [
    `${init?.method} ${address}`,
    init?.body === undefined ? undefined : JSON.parse(String(init.body)),
  ]);

/** Stores a change. */
const store = (source: typeof rest, options: HttpOptions, change: Change<Line>) =>
  source(options)<Line>(place).persist?.(change, { mutation: 'm' });

const position = { epoch: 'e', seq: 7 };
const row: Line = { id: '1', text: 'one' };

describe('rest', () => {
  it('loads the rows of the path, with their position', async () => {
    const fetch = answering({ data: [row], position });
    const { load } = rest({ base: 'https://example.com/api/', fetch })<Line>(place);
    expect(await load?.()).toEqual({ rows: [row], position });
    expect(requested(fetch)).toEqual([['GET https://example.com/api/rooms/7/lines', undefined]]);
  });

  it('stores each kind of change, and returns the stored row', async () => {
    const fetch = answering({ data: row });
    const options = { base: '/api', fetch };
    expect(await store(rest, options, changes.insert)).toEqual(row);
    expect(await store(rest, options, changes.update)).toEqual(row);
    await store(rest, options, changes.delete);
    expect(requested(fetch)).toEqual([
      ['POST /api/rooms/7/lines', { text: 'new' }],
      ['PATCH /api/rooms/7/lines/a%2Fb', { text: 'other' }],
      ['DELETE /api/rooms/7/lines/a%2Fb', undefined],
    ]);
    for (const [, init] of fetch.mock.calls) {
      expect(init?.headers).toMatchObject({ 'idempotency-key': 'm' });
    }
  });

  it('accepts a response without a body', async () => {
    const fetch = answering('', 204);
    expect(await store(rest, { base: '', fetch }, changes.delete)).toBeUndefined();
  });

  it('leaves changes to the channel with persist: false', () => {
    expect(rest({ base: '', persist: false })<Line>(place).persist).toBeUndefined();
  });

  it('throws if the service has no path there', () => {
    expect(() => rest({ base: '' })({ ...place, path: undefined })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message: 'lines has no path.' }),
    );
  });
});

describe('reference', () => {
  const address = 'http://localhost/tables/lines%3A7';

  it('loads the table of the channel', async () => {
    const fetch = answering({ rows: [row], position });
    const { load } = reference({ base: 'http://localhost', fetch })<Line>(place);
    expect(await load?.()).toEqual({ rows: [row], position });
    expect(requested(fetch)).toEqual([[`GET ${address}`, undefined]]);
  });

  it('stores each kind of change there, and returns the stored row', async () => {
    const fetch = answering({ row });
    const options = { base: 'http://localhost', fetch };
    expect(await store(reference, options, changes.insert)).toEqual(row);
    await store(reference, options, changes.update);
    await store(reference, options, changes.delete);
    expect(requested(fetch)).toEqual([
      [`POST ${address}`, { change: 'insert', row: { text: 'new' } }],
      [`POST ${address}`, { change: 'update', row: { id: 'a/b', text: 'other' } }],
      [`POST ${address}`, { change: 'delete', key: 'a/b' }],
    ]);
    expect(fetch.mock.calls[0]?.[1]?.headers).toMatchObject({ 'idempotency-key': 'm' });
  });

  it('leaves changes to the channel with persist: false', () => {
    expect(reference({ base: '', persist: false })<Line>(place).persist).toBeUndefined();
  });
});

describe.each([
  ['rest', rest],
  ['reference', reference],
])('%s', (_, source) => {
  it('calls the token function before every request', async () => {
    const fetch = answering({ data: [], rows: [] });
    const token = vi.fn().mockResolvedValueOnce('first').mockReturnValueOnce(null);
    const { load } = source({ base: '', fetch, token, headers: { 'x-app': 'a' } })<Line>(place);
    await load?.();
    await load?.();
    expect(fetch.mock.calls.map(([, init]) => init?.headers)).toEqual([
      { 'x-app': 'a', authorization: 'Bearer first' },
      { 'x-app': 'a' },
    ]);
  });

  it.each([
    [{ error: { code: 'conflict', message: 'Too low.' } }, 409, 'conflict', 'Too low.'],
    [{ error: { code: 'too_low', message: 'Too low.' } }, 422, 'too_low', 'Too low.'],
    [{}, 422, 'invalid', 'The server answered 422.'],
    ['null', 403, 'forbidden', 'The server answered 403.'],
    ['<h1>Bad gateway</h1>', 502, 'internal', 'The server answered 502.'],
  ])('a response %j with %d is the error %s', async (body, status, code, message) => {
    const options = { base: '', fetch: answering(body, status) };
    const rejection = { code, message, status };
    await expect(store(source, options, changes.insert)).rejects.toMatchObject(rejection);
    await expect(source(options)<Line>(place).load?.()).rejects.toMatchObject(rejection);
  });

  it('uses the page’s fetch at the time of the request', async () => {
    const fetch = answering({ data: [], rows: [] });
    const { load } = source({ base: '/api' })<Line>(place);
    vi.stubGlobal('fetch', fetch);
    await load?.();
    vi.unstubAllGlobals();
    expect(fetch).toHaveBeenCalledOnce();
  });
});

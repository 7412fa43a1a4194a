/** configureLegacy: the client, user, toasts and rows of the older hooks. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { LegacyAuth } from '../../../pkg-template/src/legacy/index.js';
import { freshPage, type Page } from '../page.js';

let page: Page;
let legacy: typeof import('../../../pkg-template/src/legacy/index.js');

beforeEach(async () => {
  page = await freshPage();
  legacy = await import('../../../pkg-template/src/legacy/index.js');
});

const ANN: LegacyAuth = { user: { id: 'ann' }, session: { access_token: 'secret' } };

/** A session of supabase-js. */
interface Session {
  access_token: string;
  user: { id: string; email: string; user_metadata: object; app_metadata: object };
}

/** A double of a supabase-js client, with a session and tables. */
function fakeSupabase() {
  let notify: (event: string, session: Session | null) => void = () => {};
  const query: Record<string, ReturnType<typeof vi.fn>> & { answer: object; then?: unknown } = {
    answer: { data: [], error: null },
  } as never;
  for (const method of ['select', 'insert', 'update', 'delete', 'eq', 'order']) {
    query[method] = vi.fn(() => query);
  }
  // biome-ignore lint/suspicious/noThenProperty: supabase-js's queries are awaited.
  query.then = (resolve: (answer: object) => void) => resolve(query.answer);
  return {
    supabaseUrl: 'https://project.test',
    supabaseKey: 'key',
    auth: {
      getSession: async () => ({ data: { session: null } }),
      onAuthStateChange: (callback: typeof notify) => {
        const before = notify;
        notify = (...values) => {
          before(...values);
          callback(...values);
        };
        return { data: { subscription: { unsubscribe: () => {} } } };
      },
    },
    from: vi.fn(() => query),
    query,
    signIn: (session: Session | null) => notify('SIGNED_IN', session),
  };
}

it('without options: the default client, no user, no toasts', () => {
  const config = legacy.legacyConfig();
  expect(config.client).toBe(page.realtimeClient);
  expect(config.supabase).toBeUndefined();
  expect(config.auth.getSnapshot()).toBeNull();
  expect(config.notify({ type: 'error', message: 'x' })).toBeUndefined();
  expect(legacy.legacyConfig()).toBe(config);
});

it('with supabase: one client for it, its signed-in user, and its tables', async () => {
  const supabase = fakeSupabase();
  legacy.configureLegacy({ supabase });
  const config = legacy.legacyConfig();
  expect(config.client).not.toBe(page.realtimeClient);
  expect(legacy.legacyConfig().client).toBe(config.client);
  const reported = vi.fn();
  const end = config.auth.subscribe(reported);
  supabase.signIn({
    access_token: 'secret',
    user: {
      id: 'ann',
      email: 'ann@demo.test',
      user_metadata: { name: 'Ann' },
      app_metadata: { company_id: 'acme' },
    },
  });
  expect(config.auth.getSnapshot()).toMatchObject({
    user: { id: 'ann', email: 'ann@demo.test' },
    profile: { name: 'Ann', company_id: 'acme' },
    session: { access_token: 'secret' },
  });
  expect(reported).toHaveBeenCalledOnce();
  supabase.signIn(null);
  expect(config.auth.getSnapshot()).toBeNull();
  end();

  const { data } = config;
  const { query } = supabase;
  query.answer = { data: [{ id: '1' }], error: null };
  expect(await data.load('interviews', { project_id: 'p1' })).toEqual([{ id: '1' }]);
  expect(supabase.from).toHaveBeenLastCalledWith('interviews');
  expect(query.eq).toHaveBeenLastCalledWith('project_id', 'p1');
  expect(await data.insert('interviews', { project_id: 'p1' }, { title: 'x' }, 'm')).toEqual({
    id: '1',
  });
  expect(query.insert).toHaveBeenLastCalledWith({ project_id: 'p1', title: 'x' });
  await data.update('interviews', {}, '1', { title: 'y' }, 'm');
  expect(query.eq).toHaveBeenLastCalledWith('id', '1');
  await data.remove('interviews', {}, '1', 'm');
  expect(query.delete).toHaveBeenCalledOnce();
  // A reply has no column for its interview.
  const reply = { note_id: 'n', interview_id: 'i', content: 'x' };
  await data.insert('interview_note_replies', { interview_id: 'i' }, reply, 'm');
  expect(query.insert).toHaveBeenLastCalledWith({ note_id: 'n', content: 'x' });
  query.answer = { data: null, error: { message: 'no such table', code: '42P01' } };
  await expect(data.load('interviews', {})).rejects.toMatchObject({
    message: 'no such table',
    code: '42P01',
  });
});

it('over REST: the older paths, the bearer token, the change’s id, and errors with their code', async () => {
  const answer = vi.fn<typeof fetch>(async () => Response.json({ data: { id: '1' } }));
  const api = 'https://api.test';
  legacy.configureLegacy({ auth: () => ANN, api, fetch: answer });
  const { data } = legacy.legacyConfig();
  const where = { interview_id: 'i 1' };
  const requested = () => {
    const [url, { method, headers, body } = {}] = answer.mock.calls.at(-1) ?? [];
    return [method, String(url).replace(api, ''), headers, body];
  };
  expect(await data.insert('interview_notes', where, { content: 'x' }, 'temp-1')).toEqual({
    id: '1',
  });
  const bearer = { Authorization: 'Bearer secret' };
  const json = { 'Content-Type': 'application/json' };
  expect(requested()).toEqual([
    'POST',
    '/api/interviews/i%201/notes',
    { ...json, ...bearer, 'Idempotency-Key': 'temp-1' },
    '{"content":"x"}',
  ]);
  await data.update('interview_note_replies', where, '2', { content: 'y' }, 'm');
  expect(requested().slice(0, 2)).toEqual(['PATCH', '/api/interviews/i%201/replies/2']);
  await data.remove('interviews', { project_id: 'p1' }, '3', 'm');
  expect(requested().slice(0, 2)).toEqual(['DELETE', '/api/projects/p1/interviews/3']);
  const position = { epoch: 'e', seq: 4 };
  answer.mockResolvedValueOnce(Response.json({ data: [{ id: '1' }], position }));
  expect(await data.load('interviews', { project_id: 'p1' })).toEqual({
    rows: [{ id: '1' }],
    position,
  });
  expect(requested()).toEqual(['GET', '/api/projects/p1/interviews', bearer, undefined]);
  const error = { code: 'conflict', message: 'Somebody was faster.' };
  answer.mockResolvedValueOnce(Response.json({ error }, { status: 409 }));
  await expect(data.update('interviews', {}, '1', {}, 'm')).rejects.toMatchObject({
    ...error,
    status: 409,
  });
  answer.mockResolvedValueOnce(new Response('down', { status: 502, statusText: 'Bad Gateway' }));
  await expect(data.load('interviews', {})).rejects.toThrow('502 Bad Gateway');
});

it('api with supabase: rows are loaded over REST; data overrides both', async () => {
  const supabase = fakeSupabase();
  const answer = vi.fn<typeof fetch>(async () => Response.json({ data: [] }));
  legacy.configureLegacy({ supabase, api: '', fetch: answer });
  await legacy.legacyConfig().data.load('interviews', { project_id: 'p1' });
  expect(answer.mock.calls[0]?.[0]).toBe('/api/projects/p1/interviews');
  const { data } = legacy.legacyConfig();
  legacy.configureLegacy({ supabase, data });
  expect(legacy.legacyConfig().data).toBe(data);
  expect(supabase.from).not.toHaveBeenCalled();
});

it('an invalid supabase client is rejected, and the former configuration is kept', () => {
  const before = legacy.legacyConfig();
  expect(() => legacy.configureLegacy({ supabase: { auth: {} } as never })).toThrow(
    expect.objectContaining({ code: 'invalid_argument' }),
  );
  expect(legacy.legacyConfig()).toBe(before);
});

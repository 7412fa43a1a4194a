/** A client of a Supabase project: its address, its key, and the tokens of the signed-in user. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Kind } from '../../pkg-template/src/generated/engine.js';
import { type EngineDouble, freshPage, type Page, report } from './page.js';

type Entry = typeof import('../../pkg-template/src/supabase/index.js');
type Session = { access_token: string; expires_at?: number };

let page: Page;
let entry: Entry;

beforeEach(async () => {
  page = await freshPage();
  entry = await import('../../pkg-template/src/supabase/index.js');
});

/** The part of a supabase-js client that this package uses. */
function fakeSupabase(session: Session | null = null) {
  const listeners = new Set<(event: string, session: Session | null) => void>();
  return {
    supabaseUrl: 'https://ref.supabase.co',
    supabaseKey: 'public',
    realtimeUrl: new URL('wss://ref.supabase.co/realtime/v1'),
    listeners,
    auth: {
      getSession: async () => ({ data: { session } }),
      onAuthStateChange(listener: (event: string, session: Session | null) => void) {
        listeners.add(listener);
        return { data: { subscription: { unsubscribe: () => listeners.delete(listener) } } };
      },
    },
    /** Emits a change of its session. */
    notify(event: string, next: Session | null) {
      for (const listener of listeners) listener(event, next);
    },
  };
}

async function engineOf(client: { subscribe(channel: string, options: {}): unknown }) {
  const started = page.double.nextEngine();
  client.subscribe('any', {});
  return started;
}

/** The answer to a token request of the engine. */
async function token(engine: EngineDouble): Promise<unknown[]> {
  engine.sink(Kind.TokenRequest, 7);
  return vi.waitUntil(() => engine.of('answerToken')[0]);
}

it('reads the address and key of a supabase-js client', async () => {
  const engine = await engineOf(entry.createSupabaseRealtime(fakeSupabase(), { lingerMs: 5 }));
  expect(engine.options).toMatchObject({ protocol: 'supabase', apiKey: 'public', lingerMs: 5 });
  report(engine).requestUrl(1);
  expect(String((await vi.waitUntil(() => engine.of('answerUrl')[0]))[1])).toBe(
    'wss://ref.supabase.co/realtime/v1',
  );
});

it('accepts an address and a key, and the app’s tokens', async () => {
  const getToken = async () => 'mine';
  const engine = await engineOf(
    entry.createSupabaseRealtime('https://ref.supabase.co', 'public', { getToken }),
  );
  expect(await token(engine)).toEqual([7, 'mine']);
});

it.each([
  ['no user', null, [7, null]],
  ['a user', { access_token: 'jwt' }, [7, 'jwt']],
  [
    'a user for a time',
    { access_token: 'jwt', expires_at: 1_800_000_000 },
    [7, { token: 'jwt', expiresAt: 1_800_000_000_000 }],
  ],
] as [string, Session | null, unknown[]][])('fetches the session: %s', async (_, who, answer) => {
  expect(await token(await engineOf(entry.createSupabaseRealtime(fakeSupabase(who))))).toEqual(
    answer,
  );
});

it('calls accessToken of a client with third-party auth, and does not use its auth', async () => {
  const supabase = {
    ...fakeSupabase(),
    accessToken: async () => 'theirs',
    get auth(): never {
      throw Error('not possible');
    },
  };
  const engine = await engineOf(entry.createSupabaseRealtime(supabase));
  expect((await token(engine))[1]).toBe('theirs');
});

describe('signing in and out', () => {
  it('passes each token to the engine once', async () => {
    const supabase = fakeSupabase();
    const engine = await engineOf(entry.createSupabaseRealtime(supabase));
    const [one, two] = [{ access_token: 'one' }, { access_token: 'two' }];
    supabase.notify('INITIAL_SESSION', null);
    supabase.notify('SIGNED_IN', one);
    supabase.notify('SIGNED_IN', one);
    supabase.notify('TOKEN_REFRESHED', two);
    supabase.notify('USER_UPDATED', two);
    supabase.notify('SIGNED_OUT', null);
    expect(engine.of('setToken').map(([given]) => given)).toEqual(['one', 'two', null]);
  });

  it('is observed until the client is destroyed', () => {
    const supabase = fakeSupabase();
    const client = entry.createSupabaseRealtime(supabase);
    expect(supabase.listeners.size).toBe(1);
    client.destroy();
    expect(supabase.listeners.size).toBe(0);
  });

  it('is ignored if the app has its own tokens', async () => {
    const supabase = fakeSupabase({ access_token: 'theirs' });
    const engine = await engineOf(
      entry.createSupabaseRealtime(supabase, { getToken: () => 'mine' }),
    );
    expect(supabase.listeners.size).toBe(0);
    expect((await token(engine))[1]).toBe('mine');
  });
});

it.each([[null], [{}], [{ auth: {}, supabaseUrl: 'https://ref.supabase.co' }]])(
  '%o instead of a supabase-js client throws',
  (given) => {
    expect(() => entry.createSupabaseRealtime(given as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
    expect(() => entry.supabaseRealtime('https://ref.supabase.co', '')).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  },
);

/** The older lazy client on the client, with an engine double. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type * as Lazy from '../../../pkg-template/src/legacy/lazy-client/index.js';
import { engineError, report } from '../page.js';
import { freshStage, members, type Stage } from '../react/stage.js';

let stage: Stage;
let lazy: typeof Lazy;
let log: ReturnType<typeof vi.spyOn>;

/** The session of the signed-in user. */
const session = {
  token: null as string | null,
  listeners: new Set<() => void>(),
  signIn(token: string | null) {
    session.token = token;
    for (const listener of session.listeners) listener();
  },
};

beforeEach(async () => {
  log = vi.spyOn(console, 'log').mockImplementation(() => {});
  stage = await freshStage();
  session.token = null;
  session.listeners.clear();
  lazy = await import('../../../pkg-template/src/legacy/lazy-client/index.js');
});

afterEach(() => vi.restoreAllMocks());

/** Configures the app's session. */
async function withSession(): Promise<void> {
  const { configureLegacy } = await import('../../../pkg-template/src/legacy/index.js');
  configureLegacy({
    auth: {
      getSnapshot: () =>
        session.token === null
          ? null
          : { user: { id: 'ann' }, session: { access_token: session.token } },
      subscribe(listener) {
        session.listeners.add(listener);
        return () => session.listeners.delete(listener);
      },
    },
  });
}

const sent = () => stage.engine.of('send').map(([, , text]) => JSON.parse(String(text)));

it('is one client, exported twice', () => {
  expect(lazy.default).toBe(lazy.realtimeClient);
});

it('states have their older names', () => {
  const { realtimeClient } = lazy;
  const seen: string[] = [];
  for (const state of [
    'connecting',
    'authenticating',
    'ready',
    'reconnecting',
    'failed',
    'idle',
  ] as const) {
    report(stage.engine).state(
      state,
      'demand',
      state === 'failed' ? engineError('auth_denied') : undefined,
    );
    seen.push(realtimeClient.state);
    expect(realtimeClient.isReady()).toBe(state === 'ready');
    expect(realtimeClient.isAuthenticated).toBe(state === 'ready');
  }
  expect(seen).toEqual([
    'connecting',
    'connected',
    'authenticated',
    'connecting',
    'error',
    'disconnected',
  ]);
});

it('a handler that throws does not affect others, and an unsubscribe counts once', () => {
  const { realtimeClient, useRealtimeChannel } = lazy;
  const received = vi.fn();
  stage.realtimeClient.on('error', () => {});
  const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  const first = useRealtimeChannel('news', {}, () => {
    throw Error('no');
  });
  const second = realtimeClient.subscribe('news', { anything: 1 }, received);
  useRealtimeChannel('news');
  expect(realtimeClient.subscriberCount).toBe(3);
  report(stage.engine).message('news', { n: 1 });
  expect(received.mock.calls).toEqual([[{ type: 'channel_message', channel: 'news', n: 1 }]]);
  expect(errors).toHaveBeenCalledOnce();
  first();
  first();
  expect(realtimeClient.subscriberCount).toBe(2);
  second();
  expect(members(stage.engine, 'news')).toHaveLength(1);
});

it('messages are delivered with their envelope: with their event, and values that are not objects as payload', () => {
  const received: unknown[] = [];
  lazy.realtimeClient.subscribe('news', null, (message) => received.push(message));
  report(stage.engine).message('news', { n: 1, type: 'own' }, 'created');
  report(stage.engine).message('news', 'text');
  expect(received).toEqual([
    { type: 'own', channel: 'news', event: 'created', n: 1 },
    { type: 'channel_message', channel: 'news', payload: 'text' },
  ]);
});

it('an empty key is rejected', () => {
  expect(() => lazy.realtimeClient.subscribe('')).toThrow('A channel key is required.');
});

it('sending does not connect; messages are queued as they were, a thousand at most', async () => {
  await withSession();
  const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  const message = { n: 0 };
  for (; message.n < 1_001; message.n++) lazy.realtimeClient.send('news', message);
  expect(errors).toHaveBeenCalledOnce();
  expect(stage.engine.of('send')).toEqual([]);
  lazy.realtimeClient.subscribe('news');
  expect(stage.engine.of('send')).toEqual([]);
  session.signIn('token');
  expect(members(stage.engine, 'news')).toHaveLength(1);
  expect([sent().length, sent()[0], sent().at(-1)]).toEqual([1_000, { n: 0 }, { n: 999 }]);
});

it('signing in connects waiting subscriptions, signing out disconnects them', async () => {
  await withSession();
  lazy.realtimeClient.subscribe('news');
  expect(await lazy.realtimeClient.connect()).toBe(false);
  expect(members(stage.engine, 'news')).toEqual([]);
  session.signIn('token');
  expect(stage.engine.of('setToken')).toEqual([['token']]);
  expect(members(stage.engine, 'news')).toHaveLength(1);
  session.signIn(null);
  expect(members(stage.engine, 'news')).toEqual([]);
  expect(lazy.realtimeClient.subscriberCount).toBe(1);
  session.signIn('other');
  expect(members(stage.engine, 'news')).toHaveLength(1);
});

it('an auth function without subscribe is called at each use', async () => {
  const { configureLegacy } = await import('../../../pkg-template/src/legacy/index.js');
  const auth = () =>
    session.token === null
      ? null
      : { user: { id: 'ann' }, session: { access_token: session.token } };
  configureLegacy({ auth });
  lazy.realtimeClient.subscribe('news');
  expect(members(stage.engine, 'news')).toEqual([]);
  session.token = 'token';
  report(stage.engine).state('ready');
  expect(await lazy.realtimeClient.connect()).toBe(true);
  expect(members(stage.engine, 'news')).toHaveLength(1);
  expect(stage.engine.of('setToken')).toHaveLength(1);
});

it('connect resolves true when the socket is open, false when the attempt fails, and never rejects', async () => {
  const { realtimeClient } = lazy;
  vi.spyOn(console, 'error').mockImplementation(() => {});
  report(stage.engine).state('idle');
  const attempt = realtimeClient.connect();
  report(stage.engine).state('connecting');
  expect(await realtimeClient.connect()).toBe(false);
  report(stage.engine).state('authenticating');
  expect(await attempt).toBe(true);
  report(stage.engine).state('ready');
  expect(await realtimeClient.connect()).toBe(true);
  realtimeClient.disconnect();
  report(stage.engine).state('idle');
  const failing = realtimeClient.connect();
  report(stage.engine).state('connecting');
  report(stage.engine).state('reconnecting', 'connect_refused', engineError('connect_refused'));
  expect(await failing).toBe(false);
});

it('disconnect removes subscriptions and queued messages; then it can be used again', async () => {
  await withSession();
  const { realtimeClient } = lazy;
  realtimeClient.subscribe('news');
  realtimeClient.send('news', { n: 1 });
  realtimeClient.disconnect();
  expect(session.listeners.size).toBe(0);
  session.signIn('token');
  expect(realtimeClient.subscriberCount).toBe(0);
  expect(members(stage.engine, 'news')).toEqual([]);
  realtimeClient.subscribe('news');
  expect(members(stage.engine, 'news')).toHaveLength(1);
  expect(stage.engine.of('send')).toEqual([]);
});

it('the log has events on localhost, and errors everywhere', () => {
  const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  lazy.realtimeClient.subscribe('news');
  report(stage.engine).state('ready');
  expect(log.mock.calls.at(-1)?.slice(0, 2)).toEqual(['[LazyWS]', 'State change:']);
  report(stage.engine).error(engineError('invalid_frame'));
  expect(errors.mock.calls[0]?.[0]).toBe('[LazyWS]');
});

/** Features of tidewire that the official clients do not have, and the losses that it reports. */
import {
  createRealtimeClient,
  type Gap,
  type LogRecord,
  type PostgresChange,
  type RealtimeClient,
  type RealtimeError,
} from 'tidewire';
import { createSupabaseRealtime, type SupabaseOptions } from 'tidewire/supabase';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, Inbox } from './inbox.js';
import type { PeerOptions } from './peer.js';
import { Server } from './server.js';
import { Tap } from './tap.js';
import { options } from './tidewire-options.js';
import { token } from './tokens.js';

interface Todo {
  id: number;
  owner: string;
  n: unknown;
}

const todoChanges = { event: '*', schema: 'public', table: 'todos' } as const;

describe('beyond the official clients', () => {
  let server: Server;
  let clients: RealtimeClient[];
  let tap: Tap;

  beforeEach(async () => {
    server = await Server.start();
    clients = [];
    tap = new Tap();
  });

  afterEach(async () => {
    for (const client of clients) client.destroy();
    await server.stop();
  });

  function open(more: SupabaseOptions = {}, key = token('authenticated')): RealtimeClient {
    const { transport } = tap;
    const given = { transport, heartbeatMs: 5_000, timeoutMs: 2_000 } as PeerOptions;
    const client = createSupabaseRealtime(server.origin, key, { ...options(given), ...more });
    clients.push(client);
    return client;
  }

  const insert = async (row: object): Promise<void> => {
    const answer = await fetch(`${server.origin}/rest/v1/todos`, {
      method: 'POST',
      headers: { apikey: token('service_role') },
      body: JSON.stringify(row),
    });
    expect(answer.status).toBe(201);
  };

  const cut = () => server.fault('supabase', { cut: true });

  it('a gap is reported after every interruption', async () => {
    const client = open();
    const gaps = new Inbox<Gap>();
    const room = client.channel('room', { onGap: gaps.add });
    await eventually(() => room.state === 'ready');
    expect(room.continuity).toBe('fresh');
    await cut();
    expect(await gaps.next()).toEqual({ channel: 'room' });
    await eventually(() => room.state === 'ready');
    expect(room.continuity).toBe('unknown');
  });

  it('a channel is ready only when its database subscription is active', async () => {
    await server.settings({ subscribeDelayMs: 300 });
    const room = open().channel('room', { postgresChanges: [todoChanges] });
    const received = new Inbox<PostgresChange<Todo>>();
    room.on('postgres_changes', (change) => received.add(change as PostgresChange<Todo>));
    await eventually(() => room.state === 'joined');
    await insert({ owner: 'too early' });
    await eventually(() => room.state === 'ready');
    await insert({ owner: 'ann' });
    expect(await received.next()).toMatchObject({ new: { owner: 'ann' } });
  });

  it('a channel whose database subscription the server reports lost is `joined` until it is active again', async () => {
    const room = open().channel('room', { postgresChanges: [todoChanges] });
    const [gaps, system] = [new Inbox<Gap>(), new Inbox<{ status: string }>()];
    const failures = new Inbox<RealtimeError>();
    clients[0]?.on('gap', gaps.add);
    clients[0]?.on('error', failures.add);
    room.on('system', (message) => system.add(message as { status: string }));
    await eventually(() => room.state === 'ready');
    const notify = (status: string, message: string) =>
      server.broadcast('supabase', 'realtime:room', 'system', {
        extension: 'postgres_changes',
        status,
        message,
        channel: 'room',
      });
    await notify('error', 'the connection to the database is gone');
    await eventually(() => room.state === 'joined');
    expect(room.continuity).toBe('unknown');
    await failures.until(({ message }) => message.includes('the database is gone'));
    await notify('ok', 'Subscribed to PostgreSQL');
    expect(await gaps.next()).toEqual({ channel: 'room' });
    expect([room.state, room.continuity]).toEqual(['ready', 'unknown']);
    await system.until(({ status }) => status === 'error');
    await system.until(({ status }) => status === 'ok');
  });

  it('each listener receives the changes of its filter, and no broadcast of the same name', async () => {
    const [one, other] = [open(), open()].map((client) => client.channel('room'));
    if (!one || !other) throw Error('there are two');
    const [anns, deleted, all] = [new Inbox<unknown>(), new Inbox<unknown>(), new Inbox<unknown>()];
    one.on('*', (_, { event }) => all.add(event));
    one.on('postgres_changes', { ...todoChanges, filter: 'owner=eq.ann' }, anns.add);
    await eventually(() => one.state === 'ready' && other.state === 'ready');
    one.on('postgres_changes', { ...todoChanges, event: 'DELETE' }, deleted.add);
    await eventually(() => one.state === 'ready');
    for (const event of ['moved', 'postgres_changes', 'system']) {
      await other.send(event, { eventType: 'INSERT', new: {}, old: {} }).acked;
    }
    await insert({ owner: 'bob' });
    await insert({ owner: 'ann' });
    expect(await anns.next()).toMatchObject({ new: { owner: 'ann' } });
    await eventually(() => all.all.length === 3);
    expect(all.all).toEqual(['moved', 'postgres_changes', 'system']);
    expect([anns.all.length, deleted.all.length]).toEqual([1, 0]);
  });

  it('with exactNumbers all digits of long numbers are kept', async () => {
    const received = new Inbox<PostgresChange<Todo>>();
    const room = open({ exactNumbers: true }).channel('room');
    room.on<Todo>('postgres_changes', todoChanges, received.add);
    await eventually(() => room.state === 'ready');
    for (const n of ['9007199254740993.5', '1.5']) await insert({ n });
    expect((await received.next()).new).toMatchObject({ n: '9007199254740993.5' });
    expect((await received.next()).new).toMatchObject({ n: 1.5 });
  });

  it('presence is tracked again after a cut, with the key of its first track', async () => {
    const [one, two] = [open(), open()].map((client) => client.channel('room'));
    if (!one || !two) throw Error('there are two');
    await two.presence.track({ n: 1 }, { key: 'ann' }).acked;
    const metas = () => one.presence.state.get('ann');
    await eventually(() => metas()?.length === 1);
    const left = new Inbox<string>();
    one.presence.on('leave', left.add);
    const [, socket] = await server.sockets('supabase');
    await server.fault('supabase', { socket: socket?.id ?? '', cut: true });
    await eventually(async () => (await server.sockets('supabase')).length === 3);
    await eventually(() => metas()?.length === 1 && two.state === 'ready');
    expect(metas()).toEqual([{ n: 1 }]);
    await two.presence.untrack().acked;
    await eventually(() => one.presence.state.size === 0);
  });

  it('a channel fails with the reason of a permanent error', async () => {
    const room = open({}, token('anon')).channel('room', { private: true });
    await eventually(() => room.state === 'failed');
    expect(room.error).toMatchObject({ code: 'forbidden', retryable: false });
    expect(room.error?.message).toContain('You do not have permissions to read');
    expect((await server.joins('supabase')).joins).toHaveLength(1);
  });

  it('a channel closed for its expired token is joined again with another one', async () => {
    const given: string[] = [];
    const getToken = () => {
      const next = token('authenticated', 600, { n: given.length });
      given.push(next);
      return next;
    };
    const room = open({ getToken }).channel('room');
    await eventually(() => room.state === 'ready');
    await server.fault('supabase', { expireTokens: true });
    await eventually(async () => (await server.joins('supabase')).joins.length === 2);
    await eventually(() => room.state === 'ready');
    expect(given.length).toBeGreaterThan(1);
    expect(await server.sockets('supabase')).toHaveLength(1);
  });

  it('neither key nor token is in the logs and errors', async () => {
    const records: LogRecord[] = [];
    const errors = new Inbox<RealtimeError>();
    const secrets = [token('anon', -5), token('authenticated', 600)];
    const [key = '', user = ''] = secrets;
    const logger = (record: LogRecord) => records.push(record);
    const client = open({ logger, getToken: () => user }, key);
    client.on('error', errors.add);
    client.channel('room');
    const error = await errors.until(({ code }) => code === 'connect_refused');
    expect(error.hint).not.toBe('');
    client.configure({ url: `ftp://nowhere.test/?apikey=${key}` });
    const failed = await errors.until(({ code }) => code === 'url_failed');
    const message = (it: RealtimeError) => [it.message, it.hint, JSON.stringify(it.cause)].join();
    const received = JSON.stringify([records, message(error), message(failed)]);
    for (const secret of secrets) expect(received).not.toContain(secret);
    expect(records.length).toBeGreaterThan(0);
  });
});

describe('on Phoenix', () => {
  let server: Server;
  let client: RealtimeClient;
  let tap: Tap;

  beforeEach(async () => {
    server = await Server.start();
    tap = new Tap();
    const given = { transport: tap.transport, heartbeatMs: 5_000, timeoutMs: 2_000 } as PeerOptions;
    client = createRealtimeClient({
      ...options(given),
      protocol: 'phoenix',
      url: `${server.origin}/socket`,
      maxChannels: 200,
    });
  });

  afterEach(async () => {
    client.destroy();
    await server.stop();
  });

  it('a broadcast with the name of a protocol event is delivered as a message', async () => {
    const room = client.channel('echo:room');
    const [received, own] = [new Inbox<[string, unknown]>(), new Inbox<unknown>()];
    room.on('*', (payload, { event = '' }) => received.add([event, payload]));
    for (const name of ['phx_join', 'presence_state']) room.on(name, own.add);
    await eventually(() => room.state === 'ready' && own.all.length === 1);
    for (const name of [
      'phx_close',
      'phx_error',
      'phx_reply',
      'phx_join',
      'presence_state',
      'system',
      '',
    ]) {
      await server.broadcast('phoenix', 'echo:room', name, { status: 'error', name });
      expect(await received.next()).toEqual([name, { status: 'error', name }]);
    }
    expect([room.state, own.all.length]).toEqual(['ready', 1]);
  });

  it('a handle opened later receives the join reply, and one with other params fails', async () => {
    const answers = new Inbox<unknown>();
    const room = client.channel('echo:room', { params: { seat: 4 } });
    room.on('phx_join', answers.add);
    const first = await answers.next();
    const later = client.channel('echo:room', { params: { seat: 4 } });
    later.on('phx_join', answers.add);
    expect(await answers.next()).toEqual(first);
    const other = client.channel('echo:room', { params: { seat: 5 } });
    await eventually(() => other.state === 'failed');
    expect(other.error?.code).toBe('invalid_argument');
    expect((await server.joins('phoenix')).joins).toHaveLength(1);
    expect([room.state, later.state]).toEqual(['ready', 'ready']);
    room.release();
    later.release();
    await eventually(() => other.state === 'ready');
    expect((await server.joins('phoenix')).joins).toHaveLength(2);
  });

  it('a hundred channels are joined without pacing', async () => {
    await client.connect();
    const rooms = Array.from({ length: 100 }, (_, n) => client.channel(`echo:${n}`));
    await eventually(() => rooms.every(({ state }) => state === 'ready'));
    const { joins } = await server.joins('phoenix');
    const [first, last] = [joins[0]?.at ?? 0, joins.at(-1)?.at ?? Number.NaN];
    expect(joins).toHaveLength(100);
    // With pacing the last join would be 1.5 s after the first.
    expect(last - first).toBeLessThan(1_000);
  });
});

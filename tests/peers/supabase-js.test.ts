/** The official client object: tables, signing in, and Realtime with a session's tokens. */
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, Inbox } from './inbox.js';
import { Server } from './server.js';
import { Tap } from './tap.js';
import { token } from './tokens.js';

const ANN = { email: 'ann@demo.test', password: 'a password' };

interface Harness {
  server: Server;
  tap: Tap;
  client: SupabaseClient;
}

describe('supabase-js', () => {
  let harness: Harness;

  beforeEach(async () => {
    const users = { [ANN.email]: ANN.password };
    const server = await Server.start({ supabase: { users, anonymousWrites: true } });
    const tap = new Tap();
    const client = createClient(server.origin, token('anon'), {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: tap.transport as unknown as typeof globalThis.WebSocket },
    });
    harness = { server, tap, client };
  });

  afterEach(async () => {
    await harness.client.removeAllChannels();
    await harness.server.stop();
  });

  it('tables can be changed and read', async () => {
    const todos = () => harness.client.from('todos');
    const rows = [
      { owner: 'ann', n: 2 },
      { owner: 'bob', n: '9007199254740993.5' },
    ];
    const inserted = await todos().insert(rows).select();
    expect(inserted.error).toBeNull();
    expect(inserted.data).toMatchObject([
      { id: 1, done: false },
      { id: 2, owner: 'bob' },
    ]);
    const one = await todos().select('owner,n').eq('id', 1).single();
    expect(one.data).toEqual({ owner: 'ann', n: 2 });
    const ordered = await todos().select('id').order('n', { ascending: false }).limit(1);
    expect(ordered.data).toEqual([{ id: 2 }]);
    const updated = await todos().update({ done: true }).eq('owner', 'ann').select('id,done');
    expect(updated.data).toEqual([{ id: 1, done: true }]);
    expect((await todos().delete().eq('owner', 'bob')).error).toBeNull();
    expect((await todos().select('id')).data).toEqual([{ id: 1 }]);
  });

  it('rejected requests have the error codes of PostgREST', async () => {
    const { client, server } = harness;
    expect((await client.from('nosuch').select()).error?.code).toBe('PGRST205');
    expect((await client.from('todos').select().eq('nope', 1)).error?.code).toBe('42703');
    expect((await client.from('todos').insert({ n: 'many' })).error).toMatchObject({
      code: '22P02',
      message: 'invalid input syntax for type numeric: "many"',
    });
    expect((await client.from('todos').select().single()).error?.code).toBe('PGRST116');
    await server.settings({ anonymousWrites: false });
    expect((await client.from('todos').insert({ n: 1 })).error?.code).toBe('42501');
  });

  it('signing in requires the right password, and a session can be refreshed', async () => {
    const { auth } = harness.client;
    const wrong = await auth.signInWithPassword({ ...ANN, password: 'another' });
    expect(wrong.error?.code).toBe('invalid_credentials');
    const events = new Inbox<string>();
    auth.onAuthStateChange((event) => events.add(event));
    const { data } = await auth.signInWithPassword(ANN);
    expect(data.user?.email).toBe(ANN.email);
    await events.until((event) => event === 'SIGNED_IN');
    const refreshed = await auth.refreshSession();
    expect(refreshed.data.session?.refresh_token).not.toBe(data.session?.refresh_token);
    await events.until((event) => event === 'TOKEN_REFRESHED');
    expect((await auth.getUser()).data.user?.id).toBe(data.user?.id);
    expect((await auth.signOut()).error).toBeNull();
  });

  it('a private channel stays joined after its first token has expired', async () => {
    const { client, server, tap } = harness;
    await server.settings({ tokenTtlMs: 2_000 });
    await client.auth.signInWithPassword(ANN);
    const channel = client.channel('room', {
      config: { private: true, broadcast: { ack: true, self: true } },
    });
    const received = new Inbox<{ new: { owner?: string } }>();
    const [states, system] = [new Inbox<string>(), new Inbox<{ message: string }>()];
    channel
      .on('postgres_changes', { event: '*', schema: 'public', table: 'todos' }, (change) =>
        received.add(change as { new: { owner?: string } }),
      )
      .on('system', {}, system.add)
      .subscribe((state) => states.add(state));
    await system.until(({ message }) => message === 'Subscribed to PostgreSQL');
    await server.settings({ tokenTtlMs: 600_000 });
    const { data } = await client.auth.refreshSession();
    const renewed = data.session?.access_token ?? '';
    await eventually(() =>
      tap.passed.some(({ direction, data }) => {
        return direction === '->' && String(data).includes(`{"access_token":"${renewed}"}`);
      }),
    );
    // Past the expiry of the first token.
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    await client.from('todos').insert({ owner: 'ann' });
    expect((await received.next()).new.owner).toBe('ann');
    expect(await channel.send({ type: 'broadcast', event: 'x', payload: {} })).toBe('ok');
    expect(states.all).toEqual(['SUBSCRIBED']);
  });
});

/** An app with supabase-js whose Realtime is replaced by one line; its calls are the same. */
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { PostgresChange } from 'tidewire';
import { createSupabaseRealtime, supabaseRealtime } from 'tidewire/supabase';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, Inbox } from './inbox.js';
import { nameTransport, PEER } from './page.js';
import { Server } from './server.js';
import { Tap } from './tap.js';
import { token } from './tokens.js';

const ANN = { email: 'ann@demo.test', password: 'a password' };

interface Todo {
  id: number;
  owner: string;
}

describe('tidewire with supabase-js', () => {
  let server: Server;
  let tap: Tap;
  let client: SupabaseClient;
  let ends: (() => void)[];

  beforeEach(async () => {
    const users = { [ANN.email]: ANN.password };
    server = await Server.start({ supabase: { users, anonymousWrites: true } });
    tap = new Tap();
    client = createClient(server.origin, token('anon'), {
      auth: { persistSession: false, autoRefreshToken: false },
      // Not used: the official one would need a WebSocket of its own.
      realtime: { transport: tap.transport as unknown as typeof globalThis.WebSocket },
    });
    ends = [];
  });

  afterEach(async () => {
    for (const end of ends) end();
    await server.stop();
  });

  const options = () => ({ params: { [PEER]: nameTransport(tap.transport) }, lingerMs: 0 });

  /** The texts that the client sent with an event. */
  const sent = (event: string): string[] =>
    tap.passed
      .filter(({ direction }) => direction === '->')
      .map(({ data }) => String(data))
      .filter((text) => text.includes(`"${event}"`));

  it('with supabase-js’s own methods a private channel stays joined after its first token has expired', async () => {
    const realtime = supabaseRealtime(client, options());
    ends.push(() => realtime.client.destroy());
    Object.assign(client, { realtime });
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
    await eventually(() => sent('access_token').some((text) => text.includes(renewed)));
    // Past the expiry of the first token.
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    await client.from('todos').insert({ owner: 'ann' });
    expect((await received.next()).new.owner).toBe('ann');
    expect(await channel.send({ type: 'broadcast', event: 'x', payload: {} })).toBe('ok');
    expect(states.all).toEqual(['SUBSCRIBED']);
    expect(await client.removeAllChannels()).toEqual(['ok']);
  });

  it('two components with filters of their own share a channel until both have left', async () => {
    const realtime = createSupabaseRealtime(client, options());
    ends.push(() => realtime.destroy());
    const [anns, bobs] = [new Inbox<PostgresChange<Todo>>(), new Inbox<PostgresChange<Todo>>()];
    const [one, two] = [realtime.channel('room'), realtime.channel('room')];
    const table = { event: '*', schema: 'public', table: 'todos' } as const;
    one.on<Todo>('postgres_changes', { ...table, filter: 'owner=eq.ann' }, anns.add);
    await eventually(() => one.state === 'ready');
    two.on<Todo>('postgres_changes', { ...table, filter: 'owner=eq.bob' }, bobs.add);
    await eventually(() => sent('phx_join').length === 2 && two.state === 'ready');
    const insert = (owner: string) => client.from('todos').insert({ owner });
    await insert('ann');
    await insert('bob');
    expect(await anns.next()).toMatchObject({ eventType: 'INSERT', new: { owner: 'ann' } });
    expect(await bobs.next()).toMatchObject({ eventType: 'INSERT', new: { owner: 'bob' } });
    one.release();
    await insert('ann');
    await insert('bob');
    await bobs.next();
    expect([anns.all.length, bobs.all.length]).toEqual([1, 2]);
    expect(sent('phx_leave')).toEqual([]);
    two.release();
    await eventually(() => sent('phx_leave').length === 1);
  });
});

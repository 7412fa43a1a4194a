/**
 * An app with supabase-js whose Realtime is this package's: two lists of one table, each with the rows of one
 * owner, and one of the present users, all on one channel.
 */
import { createClient } from '@supabase/supabase-js';
import type { PostgresChange } from 'tidewire';
import { createSupabaseRealtime } from 'tidewire/supabase';

interface Todo {
  id: number;
  owner: string;
  title: string;
}

const CHANNEL = 'todos';
const TABLE = { event: '*', schema: 'public', table: 'todos' } as const;

const query = new URLSearchParams(location.search);
const supabase = createClient(query.get('url') ?? '', query.get('key') ?? '', {
  auth: { persistSession: false, autoRefreshToken: false },
});
const realtime = createSupabaseRealtime(supabase, {
  reconnect: { baseMs: 20, maxMs: 200 },
  lingerMs: 0,
});

function show(id: string, lines: string[]): void {
  const items = lines.map((line) => {
    const item = document.createElement('li');
    item.textContent = line;
    return item;
  });
  document.getElementById(id)?.replaceChildren(...items);
}

/** Shows the rows of one owner; returns the function that ends it. */
function todoList(owner: string): () => void {
  const rows = new Map<number, Todo>();
  const render = (): void =>
    show(
      owner,
      [...rows.values()].sort((one, other) => one.id - other.id).map(({ title }) => title),
    );
  const apply = (change: PostgresChange<Todo>): void => {
    if (change.eventType === 'DELETE') rows.delete(change.old.id ?? 0);
    else rows.set(change.new.id, change.new);
    render();
  };
  /** Loads the rows, with changes that were not received. */
  const load = async (): Promise<void> => {
    const { data } = await supabase.from('todos').select().eq('owner', owner);
    rows.clear();
    for (const row of (data ?? []) as Todo[]) rows.set(row.id, row);
    render();
  };
  const channel = realtime.channel(CHANNEL);
  channel.on<Todo>('postgres_changes', { ...TABLE, filter: `owner=eq.${owner}` }, apply);
  // `ready`: every change is received from now on. It is emitted after each interruption too.
  const off = realtime.on('channel', ({ channel: name, state }) => {
    if (name === CHANNEL && state === 'ready') void load();
  });
  return () => {
    off();
    channel.release();
  };
}

/** Shows the present users, and tracks this one. */
function peopleList(name: string): void {
  const { presence } = realtime.channel(CHANNEL, { presence: { key: name } });
  const render = (): void =>
    show(
      'people',
      [...presence.state].map(([key, metas]) => `${key}: ${metas.map(({ at }) => at)}`).sort(),
    );
  presence.on('sync', render);
  for (const event of ['join', 'update', 'leave'] as const) presence.on(event, render);
  presence.track({ at: 'desk' });
}

const ends = new Map<string, () => void>();

const app = {
  /** Signs in and shows everything. */
  async begin(name: string): Promise<void> {
    const { error } = await supabase.auth.signInWithPassword({
      email: `${name}@demo.test`,
      password: 'demo',
    });
    if (error) throw error;
    for (const owner of ['ann', 'bob']) ends.set(owner, todoList(owner));
    peopleList(name);
  },
  /** Removes one of the lists. */
  close: (owner: string): void => ends.get(owner)?.(),
  /** Refreshes the session, as supabase-js does automatically unless that is disabled; returns the new token. */
  async refresh(): Promise<string> {
    const { data, error } = await supabase.auth.refreshSession();
    if (error) throw error;
    return data.session?.access_token ?? '';
  },
  async insert(owner: string, title: string): Promise<void> {
    const { error } = await supabase.from('todos').insert({ owner, title });
    if (error) throw error;
  },
  /** The channel's state. */
  state: () => realtime.getChannelStats().channels.find(({ key }) => key === CHANNEL)?.state,
};

declare global {
  interface Window {
    app: typeof app;
  }
}

window.app = app;

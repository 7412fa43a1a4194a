/** What the types allow and forbid. `tsc` checks it; nothing here runs. */
import { expectTypeOf } from 'vitest';
import {
  type Change,
  type Channel,
  type Collection,
  type CollectionOptions,
  type CollectionSnapshot,
  createRealtimeClient,
  type Events,
  type MessageMeta,
  type Meta,
  type Mutation,
  type PostgresChange,
  type RealtimeClient,
  type RealtimeError,
  realtimeClient,
  type Sent,
  type State,
  type Unsubscribe,
  useRealtimeChannel,
} from '../../pkg-template/src/index.js';
import type { SupabaseRealtime } from '../../pkg-template/src/supabase/index.js';

interface Note {
  id: string;
  text: string;
}

type App = {
  news: Note;
  count: number;
  [room: `room:${string}`]: Events<{ chat: Note; left: { who: string } }>;
};

export function untyped(client: RealtimeClient): void {
  client.subscribe('any', {}, (message, meta) => {
    expectTypeOf(message).toEqualTypeOf<unknown>();
    expectTypeOf(meta).toEqualTypeOf<MessageMeta>();
  });
  client.subscribe<Note>('any', undefined, (note) => expectTypeOf(note).toEqualTypeOf<Note>());
  client.subscribe('any', {}, (note: Note) => note.text);
  client.subscribe('any', { persistent: true, idleTtlMs: 5 }, null);
  expectTypeOf(client.subscribe('any', {})).toEqualTypeOf<Unsubscribe>();
  expectTypeOf(client.channel('any')).toEqualTypeOf<Channel>();
  expectTypeOf(client.channel<Note>('any')).toEqualTypeOf<Channel<Note>>();
  client.channel<Note>('any').on('whatever', (note) => expectTypeOf(note).toEqualTypeOf<Note>());
  expectTypeOf(client.send('any', { x: 1 })).toEqualTypeOf<Sent>();
  client.send('any', 1, { ack: false, signal: new AbortController().signal });
  // biome-ignore lint/correctness/useHookAtTopLevel: the client's own, which is no React hook
  useRealtimeChannel<Note>('any', {}, (note) => expectTypeOf(note).toEqualTypeOf<Note>());
  // @ts-expect-error: a channel is a string
  client.subscribe(7, {});
  // @ts-expect-error: no such option
  client.subscribe('any', { persistant: true });
  // @ts-expect-error: options come before the callback
  client.subscribe('any', () => {});
  // @ts-expect-error: read only
  client.state = 'ready';
}

export function mapped(client: RealtimeClient<App>): void {
  client.subscribe('news', {}, (note) => expectTypeOf(note).toEqualTypeOf<Note>());
  client.subscribe('room:1', {}, (message) => {
    expectTypeOf(message).toEqualTypeOf<Note | { who: string }>();
  });
  client.subscribe('elsewhere', {}, (message) => expectTypeOf(message).toEqualTypeOf<unknown>());
  client.subscribe<Note>('elsewhere', {}, (note) => expectTypeOf(note).toEqualTypeOf<Note>());
  // @ts-expect-error: the map defines the messages of news
  client.subscribe('news', {}, (message: number) => message);

  const room = client.channel('room:1');
  room.on('chat', (note) => expectTypeOf(note).toEqualTypeOf<Note>());
  room.on('*', (message) => expectTypeOf(message).toEqualTypeOf<Note | { who: string }>());
  room.send('left', { who: 'me' });
  room.send('chat', { id: '1', text: '' }, { timeoutMs: 5 });
  // @ts-expect-error: no such event
  room.on('shouted', () => {});
  // @ts-expect-error: another event's payload
  room.send('chat', { who: 'me' });

  client.send('count', 1);
  client.send('elsewhere', 'anything');
  // @ts-expect-error: count takes numbers
  client.send('count', 'one');
}

export function events(client: RealtimeClient): void {
  client.on('state', (state, change) => {
    expectTypeOf(state).toEqualTypeOf<State>();
    expectTypeOf(change.error).toEqualTypeOf<RealtimeError | undefined>();
  });
  client.on('error', (error) => expectTypeOf(error).toEqualTypeOf<RealtimeError>());
  client.on('queue', (depth) => expectTypeOf(depth).toEqualTypeOf<number>());
  // @ts-expect-error: no such event
  client.on('message_received', () => {});
}

export function clients(): void {
  expectTypeOf(createRealtimeClient<App>()).toEqualTypeOf<RealtimeClient<App>>();
  expectTypeOf(createRealtimeClient()).toEqualTypeOf<RealtimeClient>();
  expectTypeOf(realtimeClient).toEqualTypeOf<RealtimeClient>();
}

export function collections(client: RealtimeClient): void {
  expectTypeOf(client.collection('any')).toEqualTypeOf<Collection<Record<string, unknown>>>();
  expectTypeOf(client.collection<Note>('notes')).toEqualTypeOf<Collection<Note>>();

  // The row type is inferred from the result of load, in both of its forms.
  const load = async (): Promise<Note[]> => [];
  expectTypeOf(client.collection('notes', { load })).toEqualTypeOf<Collection<Note>>();
  const inferred = client.collection('notes', {
    load: () => ({ rows: [] as readonly Note[], position: { epoch: 'e', seq: 1 } }),
    key: 'text',
    sort: (a, b) => a.text.localeCompare(b.text),
    persist: async (change, { mutation }) => {
      expectTypeOf(mutation).toEqualTypeOf<string>();
      if (change.kind === 'insert') expectTypeOf(change.row.text).toEqualTypeOf<string>();
      if (change.kind === 'update') expectTypeOf(change.row).toEqualTypeOf<Partial<Note>>();
      // @ts-expect-error: a removal has no row
      if (change.kind === 'delete') change.row;
    },
    conflict: (local, remote) => ({ ...remote, text: local.text }),
  });
  expectTypeOf(inferred).toEqualTypeOf<Collection<Note>>();
  expectTypeOf(inferred.items).toEqualTypeOf<readonly Note[]>();
  expectTypeOf(inferred.get(7)).toEqualTypeOf<Note | undefined>();
  expectTypeOf(inferred.insert({ text: '' })).toEqualTypeOf<Mutation<Note>>();
  expectTypeOf(inferred.getSnapshot()).toEqualTypeOf<CollectionSnapshot<Note>>();
  inferred.on('change', ({ items }) => expectTypeOf(items).toEqualTypeOf<readonly Note[]>());
  inferred.update('1', { text: 'new' });
  inferred.remove('1').promise.then(({ row }) => {
    expectTypeOf(row).toEqualTypeOf<Note | undefined>();
  });
  // @ts-expect-error: a note needs its text
  inferred.insert({ id: '1' });
  // @ts-expect-error: no such field
  inferred.update('1', { title: '' });
  // @ts-expect-error: no such field
  client.collection<Note>('notes', { key: 'title' });
  // @ts-expect-error: no such policy
  client.collection<Note>('notes', { conflict: 'theirs' });
  // @ts-expect-error: another's rows
  client.collection<Note>('notes', { load: () => [{ title: '' }] });
  // @ts-expect-error: read only
  inferred.items.push({ id: '1', text: '' });

  const fetched: CollectionOptions<Note> = {
    persist: (change: Change<Note>) =>
      fetch('/notes', { body: JSON.stringify(change) }).then(() => {}),
    persistent: true,
  };
  client.collection('notes', fetched);
  // @ts-expect-error: a response is no row
  client.collection<Note>('notes', { persist: () => fetch('/notes') });
}

export function presence(client: RealtimeClient): void {
  const { presence, typing } = client.channel('room');
  expectTypeOf(presence.state).toEqualTypeOf<ReadonlyMap<string, readonly Meta[]>>();
  expectTypeOf(presence.track({ name: 'Ann' }, { key: 'ann' })).toEqualTypeOf<Sent>();
  interface Me {
    name: string;
  }
  const me: Me = { name: 'Ann' };
  presence.update(me);
  presence.on('sync', () => {});
  presence.on('join', (key, metas, changed) => {
    expectTypeOf(key).toEqualTypeOf<string>();
    expectTypeOf(metas).toEqualTypeOf<readonly Meta[]>();
    expectTypeOf(changed).toEqualTypeOf<readonly Meta[]>();
  });
  expectTypeOf(typing.who).toEqualTypeOf<readonly string[]>();
  typing.on('change', (who) => expectTypeOf(who).toEqualTypeOf<readonly string[]>());
  // @ts-expect-error: a sync has no key
  presence.on('sync', (key: string) => key);
  // @ts-expect-error: no such event
  typing.on('join', () => {});
  // @ts-expect-error: a meta is an object
  presence.track('Ann');
}

export function databaseChanges(client: RealtimeClient): void {
  const room = client.channel('room', {
    private: true,
    broadcast: { ack: true, self: true, replay: { since: Date.now() } },
    presence: { key: 'ann' },
    postgresChanges: [{ schema: 'public', table: 'notes' }],
  });
  room.on('postgres_changes', { event: '*', table: 'notes' }, (change, meta) => {
    expectTypeOf(change).toEqualTypeOf<PostgresChange>();
    expectTypeOf(meta).toEqualTypeOf<MessageMeta>();
  });
  const off = room.on<Note>('postgres_changes', { filter: 'id=eq.1' }, (change) => {
    if (change.eventType === 'INSERT') expectTypeOf(change.new).toEqualTypeOf<Note>();
    else expectTypeOf(change.old).toEqualTypeOf<Partial<Note>>();
    // @ts-expect-error: a removed row has no new one
    if (change.eventType === 'DELETE') change.new.text;
  });
  expectTypeOf(off).toEqualTypeOf<Unsubscribe>();
  // @ts-expect-error: only changes have a filter
  room.on('chat', { event: '*' }, () => {});
  // @ts-expect-error: no such kind of change
  room.on('postgres_changes', { event: 'TRUNCATE' }, () => {});
  createRealtimeClient({ protocol: 'supabase', url: 'https://ref.supabase.co', apiKey: 'key' });
  createRealtimeClient({ protocol: 'phoenix', vsn: '1.0.0' });
  // @ts-expect-error: no such version
  createRealtimeClient({ protocol: 'phoenix', vsn: '3.0.0' });
}

export function realtimeJsShape(realtime: SupabaseRealtime): void {
  const room = realtime.channel('room', {
    config: { private: true, broadcast: { ack: true, self: true }, presence: { key: 'ann' } },
  });
  const table = { schema: 'public', table: 'notes' } as const;
  room
    .on('postgres_changes', { ...table, event: '*' }, (change) => {
      expectTypeOf(change.eventType).toEqualTypeOf<'INSERT' | 'UPDATE' | 'DELETE'>();
    })
    .on('postgres_changes', { ...table, event: 'INSERT' }, (change) => {
      expectTypeOf(change.eventType).toEqualTypeOf<'INSERT'>();
      change.new.whatever;
    })
    .on<Note>('postgres_changes', { ...table, event: 'UPDATE', filter: 'id=eq.1' }, (change) => {
      expectTypeOf(change.old).toExtend<Partial<Note>>();
    })
    .on<Note>('broadcast', { event: 'chat' }, ({ event, payload, meta }) => {
      expectTypeOf(event).toEqualTypeOf<string>();
      expectTypeOf(payload).toEqualTypeOf<Note>();
      expectTypeOf(meta?.replayed).toEqualTypeOf<boolean | undefined>();
    })
    .on('presence', { event: 'sync' }, () => room.presenceState<{ name: string }>().ann?.[0]?.name)
    .on<{ name: string }>('presence', { event: 'join' }, ({ key, newPresences }) => {
      expectTypeOf(key).toEqualTypeOf<string>();
      expectTypeOf(newPresences[0]?.name).toEqualTypeOf<string | undefined>();
      expectTypeOf(newPresences[0]?.presence_ref).toEqualTypeOf<string | undefined>();
    })
    .on('presence', { event: 'leave' }, ({ leftPresences }) => leftPresences.length)
    .on('system', {}, ({ status, message }) => status + message)
    .subscribe(async (status, error) => {
      if (status !== 'SUBSCRIBED') throw error;
      expectTypeOf(await room.track({ name: 'Ann' })).toEqualTypeOf<'ok' | 'timed out' | 'error'>();
    });
  void room.send({ type: 'broadcast', event: 'chat', payload: { id: '1', text: '' } });
  void realtime.removeChannel(room);
  // @ts-expect-error: no such type of message
  room.on('broadcasts', { event: 'chat' }, () => {});
  // @ts-expect-error: no such kind of change
  room.on('postgres_changes', { ...table, event: 'TRUNCATE' }, () => {});
}

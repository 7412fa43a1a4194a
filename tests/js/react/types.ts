/** What the types of the hooks allow and forbid. `tsc` checks it; nothing here runs. */
import { expectTypeOf } from 'vitest';
import {
  type Continuity,
  createRealtimeClient,
  type Draft,
  type Events,
  type MessageMeta,
  type Meta,
  type Metrics,
  type Mutation,
  type RealtimeClient,
  type RealtimeError,
  type State,
} from '../../../pkg-template/src/index.js';
import {
  type ChannelHealth,
  type ChannelStanding,
  type CollectionView,
  createHooks,
  type Heard,
  type Messages,
  RealtimeProvider,
  type ReceivedMessage,
  useCollection,
  useConnection,
  useLastMessage,
  useMessages,
  useMetrics,
  useOnlineStatus,
  usePresence,
  useRealtimeChannel,
  useRealtimeClient,
  useTyping,
} from '../../../pkg-template/src/react/index.js';

interface Note {
  id: string;
  text: string;
}

type App = {
  news: Note;
  count: number;
  notes: Events<{ insert: Note; update: Partial<Note>; delete: { id: string } }>;
  [room: `room:${string}`]: Events<{ chat: Note; left: { who: string } }>;
};

export function keepsDeprecatedNames(): void {
  expectTypeOf<Heard<Note>>().toEqualTypeOf<ReceivedMessage<Note>>();
  expectTypeOf<ChannelStanding>().toEqualTypeOf<ChannelHealth>();
}

export function useUntyped(id: string | null): void {
  useRealtimeChannel('any', {}, (message, meta) => {
    expectTypeOf(message).toEqualTypeOf<unknown>();
    expectTypeOf(meta).toEqualTypeOf<MessageMeta>();
  });
  useRealtimeChannel<Note>(id, 'chat', (note) => expectTypeOf(note).toEqualTypeOf<Note>());
  useRealtimeChannel(id && `room:${id}`, null, (note: Note) => note.text);
  expectTypeOf(useLastMessage('any')).toEqualTypeOf<ReceivedMessage<unknown> | null>();
  expectTypeOf(useLastMessage<Note>('any', 'chat')).toEqualTypeOf<ReceivedMessage<Note> | null>();
  expectTypeOf(useMessages<Note>('any', { limit: 5, event: 'chat' })).toEqualTypeOf<
    Messages<Note>
  >();
  expectTypeOf(useRealtimeClient()).toEqualTypeOf<RealtimeClient>();
  // @ts-expect-error: a channel is a string
  useRealtimeChannel(7, {}, () => {});
  // @ts-expect-error: no such option
  useRealtimeChannel('any', { persistant: true }, () => {});
  // @ts-expect-error: options come before the callback
  useRealtimeChannel('any', () => {});
}

export function useCollections(id: string | null): void {
  const load = async (): Promise<Note[]> => [];
  const inferred = useCollection(id, { load, sort: (a, b) => a.text.localeCompare(b.text) });
  expectTypeOf(inferred).toEqualTypeOf<CollectionView<Note>>();
  expectTypeOf(inferred.items).toEqualTypeOf<readonly Note[]>();
  expectTypeOf(inferred.insert).toEqualTypeOf<(row: Draft<Note>) => Mutation<Note>>();
  expectTypeOf(inferred.continuity).toEqualTypeOf<Continuity>();
  expectTypeOf(inferred.error).toEqualTypeOf<RealtimeError | null>();
  expectTypeOf(useCollection<Note>('notes')).toEqualTypeOf<CollectionView<Note>>();
  // @ts-expect-error: a note needs its text
  inferred.insert({ id: '1' });
  // @ts-expect-error: no such field
  inferred.update('1', { title: '' });
  // @ts-expect-error: no such field
  useCollection<Note>('notes', { key: 'title' });
}

export function useOthers(): void {
  expectTypeOf(useConnection().state).toEqualTypeOf<State>();
  expectTypeOf(useOnlineStatus()).toEqualTypeOf<boolean>();
  expectTypeOf(useMetrics()).toEqualTypeOf<Metrics>();
  expectTypeOf(usePresence('room').present).toEqualTypeOf<ReadonlyMap<string, readonly Meta[]>>();
  const { present } = usePresence('room', { mood: 'fine' }, { key: 'ann' });
  expectTypeOf(present).toEqualTypeOf<ReadonlyMap<string, readonly { mood: string }[]>>();
  expectTypeOf(useTyping(null, 'Ann').who).toEqualTypeOf<readonly string[]>();
  // @ts-expect-error: a meta is an object
  usePresence('room', 'Ann');
}

const app = createHooks<App>();

export function useMapped(id: string | null): void {
  app.useRealtimeChannel('news', {}, (note) => expectTypeOf(note).toEqualTypeOf<Note>());
  app.useRealtimeChannel(id && `room:${id}`, 'chat', (note, meta) => {
    expectTypeOf(note).toEqualTypeOf<Note>();
    expectTypeOf(meta).toEqualTypeOf<MessageMeta>();
  });
  app.useRealtimeChannel('room:1', null, (message) =>
    expectTypeOf(message).toEqualTypeOf<Note | { who: string }>(),
  );
  app.useRealtimeChannel('elsewhere', {}, (message) =>
    expectTypeOf(message).toEqualTypeOf<unknown>(),
  );
  app.useRealtimeChannel<Note>('elsewhere', 'x', (note) =>
    expectTypeOf(note).toEqualTypeOf<Note>(),
  );
  // @ts-expect-error: no such event
  app.useRealtimeChannel('room:1', 'shouted', () => {});
  // @ts-expect-error: the map defines the messages of news
  app.useRealtimeChannel('news', {}, (message: number) => message);

  expectTypeOf(app.useLastMessage('count')).toEqualTypeOf<ReceivedMessage<number> | null>();
  expectTypeOf(app.useLastMessage('room:1', 'left')).toEqualTypeOf<ReceivedMessage<{
    who: string;
  }> | null>();
  expectTypeOf(app.useMessages('news', { limit: 5 })).toEqualTypeOf<Messages<Note>>();
  expectTypeOf(app.useMessages('room:1', { event: 'chat' })).toEqualTypeOf<Messages<Note>>();
  expectTypeOf(app.useCollection('notes')).toEqualTypeOf<CollectionView<Note>>();
  expectTypeOf(app.useCollection('notes', { load: () => [] }).items).toEqualTypeOf<
    readonly Note[]
  >();
  expectTypeOf(app.useRealtimeClient()).toEqualTypeOf<RealtimeClient<App>>();
}

export function providers(): void {
  RealtimeProvider({ client: createRealtimeClient() });
  RealtimeProvider({ client: createRealtimeClient<App>() });
  RealtimeProvider({ options: { url: 'wss://example.com', getToken: () => 'token' } });
  app.RealtimeProvider({ client: createRealtimeClient<App>() });
  // @ts-expect-error: one of the two
  RealtimeProvider({ client: createRealtimeClient(), options: {} });
  // @ts-expect-error: no such option
  RealtimeProvider({ options: { adress: '' } });
}

/** What the types allow and forbid. `tsc` checks it; nothing here runs. */
import { expectTypeOf } from 'vitest';
import {
  type Channel,
  createRealtimeClient,
  type Events,
  type MessageMeta,
  type RealtimeClient,
  type RealtimeError,
  realtimeClient,
  type Sent,
  type State,
  type Unsubscribe,
  useRealtimeChannel,
} from '../../pkg-template/src/index.js';

interface Note {
  id: string;
  text: string;
}

type App = {
  news: Note;
  count: number;
  [room: `room:${string}`]: Events<{ said: Note; left: { who: string } }>;
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
  // @ts-expect-error: the map says what news brings
  client.subscribe('news', {}, (message: number) => message);

  const room = client.channel('room:1');
  room.on('said', (note) => expectTypeOf(note).toEqualTypeOf<Note>());
  room.on('*', (message) => expectTypeOf(message).toEqualTypeOf<Note | { who: string }>());
  room.send('left', { who: 'me' });
  room.send('said', { id: '1', text: '' }, { timeoutMs: 5 });
  // @ts-expect-error: no such event
  room.on('shouted', () => {});
  // @ts-expect-error: another event's payload
  room.send('said', { who: 'me' });

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

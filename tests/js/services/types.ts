/** What the types of services allow and forbid. `tsc` checks it; nothing here runs. */
import { expectTypeOf } from 'vitest';
import {
  type Collection,
  createRealtimeClient,
  type MessageMeta,
  type Mutation,
} from '../../../pkg-template/src/index.js';
import {
  type CollectionView,
  createHooks,
  useCollection,
} from '../../../pkg-template/src/react/index.js';
import {
  addComment,
  type Bid,
  type BillEvents,
  type bids,
  bills,
  type ChannelsOf,
  type CollectionPlace,
  type Comment,
  castVote,
  channel,
  community,
  defineService,
  highestBid,
  type Id,
  interviews,
  type Note,
  type Person,
  rest,
  rows,
  type Vote,
} from '../../../pkg-template/src/services/index.js';

interface Line {
  id: string;
  text: string;
  at?: string;
}

const chat = defineService({
  rows: {
    lines: rows<Line>()({
      channel: (room: Id) => `lines:${room}`,
      path: (room) => `/rooms/${room}/lines`,
      filter: (room) => ({ room }),
      sort: (a, b) => a.text.localeCompare(b.text),
      events: { insert: 'chat' },
      order: 'at',
    }),
    rooms: rows<{ id: string }>()({ channel: 'rooms', path: '/rooms' }),
  },
  channels: {
    room: channel<{ closed: { why: string } }, Person>()((room: Id) => `room:${room}`),
    talk: channel<{ moved: number }>()((town: string, room: number) => `talk:${town}:${room}`),
    lobby: channel()('lobby'),
  },
});

export function own(): void {
  const { lines, rooms, room, talk, lobby } = chat();
  expectTypeOf(lines(7)).toEqualTypeOf<Collection<Line>>();
  expectTypeOf(rooms()).toEqualTypeOf<Collection<{ id: string }>>();
  expectTypeOf(lines.at('a')).toExtend<CollectionPlace<Line, `lines:${string}`>>();
  expectTypeOf(rooms.at().channel).toEqualTypeOf<'rooms'>();
  room(7).on('closed', ({ why }, meta) => {
    expectTypeOf(why).toEqualTypeOf<string>();
    expectTypeOf(meta).toEqualTypeOf<MessageMeta>();
  });
  room(7).send('closed', { why: 'late' });
  room(7).presence.track({ name: 'Ann' });
  expectTypeOf(room(7).presence.state).toEqualTypeOf<ReadonlyMap<string, readonly Person[]>>();
  room(7).presence.on('join', (key, metas) => {
    expectTypeOf(key).toEqualTypeOf<string>();
    expectTypeOf(metas).toEqualTypeOf<readonly Person[]>();
  });
  expectTypeOf(room(7).typing.who).toEqualTypeOf<readonly string[]>();
  talk('here', 7).on('moved', (n) => expectTypeOf(n).toEqualTypeOf<number>());
  lobby().on('whatever', (message) => expectTypeOf(message).toEqualTypeOf<unknown>());
  expectTypeOf(lobby.at()).toEqualTypeOf<'lobby'>();
  // @ts-expect-error: a room has an id
  lines();
  // @ts-expect-error: there is one list of rooms
  rooms(7);
  // @ts-expect-error: first the town
  talk(7, 'here');
  // @ts-expect-error: no such event
  room(7).on('opened', () => {});
  // @ts-expect-error: another payload
  room(7).send('closed', { who: 'me' });
  // @ts-expect-error: people have names
  room(7).presence.track({ mood: 'fine' });
  // @ts-expect-error: no such field
  rows<Line>()({ channel: 'lines', key: 'name' });
  // @ts-expect-error: no such policy
  rows<Line>()({ channel: 'lines', conflict: 'theirs' });
}

type App = ChannelsOf<typeof chat | typeof bills | typeof bids | typeof community>;

export function ofOneMap(): void {
  const client = createRealtimeClient<App>();
  client.channel('bill:7').on('status_change', (change) => {
    expectTypeOf(change).toEqualTypeOf<BillEvents['status_change']>();
  });
  client.subscribe('bids:1', {}, (message) => {
    if ('row' in message) expectTypeOf(message.row).toExtend<Partial<Bid>>();
  });
  client.channel('bids:1').on('insert', ({ row }) => expectTypeOf(row).toEqualTypeOf<Bid>());
  client.channel('lines:1').on('chat', ({ row }) => expectTypeOf(row).toEqualTypeOf<Line>());
  // Rows and people on one channel.
  client
    .channel('comments:1')
    .on('insert', ({ row }) => expectTypeOf(row).toEqualTypeOf<Comment>());
  // @ts-expect-error: it is called chat there
  client.channel('lines:1').on('insert', () => {});
  client.channel('elsewhere').on('x', (message) => expectTypeOf(message).toEqualTypeOf<unknown>());
  expectTypeOf(chat({ client }).lines(1)).toEqualTypeOf<Collection<Line>>();
}

const app = createHooks<App>();

export function useOfOneMap(bill: string | null): void {
  app.useRealtimeChannel(bill && `bill:${bill}`, 'engagement', ({ view_count }) =>
    expectTypeOf(view_count).toEqualTypeOf<number>(),
  );
  const { bill: events } = bills();
  app.useRealtimeChannel(events.at(7), 'amendment', ({ title }) =>
    expectTypeOf(title).toEqualTypeOf<string>(),
  );
  expectTypeOf(app.useCollection('bids:1')).toEqualTypeOf<CollectionView<Bid>>();
  expectTypeOf(app.useCollection('votes:1')).toEqualTypeOf<CollectionView<Vote>>();
  const { notes } = interviews({ source: rest({ base: '/api' }) });
  expectTypeOf(useCollection(notes.at(7))).toEqualTypeOf<CollectionView<Note>>();
  expectTypeOf(useCollection(bill && notes.at(bill))).toEqualTypeOf<CollectionView<Note>>();
  expectTypeOf(app.useCollection(notes.at(7))).toEqualTypeOf<CollectionView<Note>>();
  // @ts-expect-error: the place has the options
  useCollection(notes.at(7), { limit: 5 });
}

export function useVerbs(): void {
  const { comments, votes } = community();
  const shown = useCollection(comments.at(1));
  expectTypeOf(addComment(shown, 1, { body: 'Yes' })).toEqualTypeOf<Mutation<Comment>>();
  addComment(comments(1), 1, { body: 'Yes' });
  castVote(votes(1), 1, 'ann', 'support');
  expectTypeOf(highestBid([])).toEqualTypeOf<Bid | undefined>();
  // @ts-expect-error: no such choice
  castVote(votes(1), 1, 'ann', 'maybe');
  // @ts-expect-error: votes are no comments
  addComment(votes(1), 1, { body: 'Yes' });
}

/** defineService: the rows and channels of a service on the public client. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Id, Place, Source } from '../../../pkg-template/src/services/index.js';
import { report } from '../page.js';
import { freshServices, type ServicePage } from './service-page.js';

interface Line {
  id: string;
  text: string;
  room: string;
}

let page: ServicePage;

beforeEach(async () => {
  page = await freshServices();
});

const defined = () =>
  page.defineService({
    rows: {
      lines: page.rows<Line>()({
        channel: (room: Id) => `lines:${room}`,
        path: (room) => `/rooms/${room}/lines`,
        table: 'lines',
        filter: (room) => ({ room }),
        order: 'text',
        sort: (a, b) => a.text.localeCompare(b.text),
        conflict: 'merge',
        version: 'text',
        limit: 5,
        events: { insert: 'chat' },
      }),
      rooms: page.rows<{ key: string; n: number }>()({
        channel: 'rooms',
        key: 'key',
        version: 'n',
        conflict: 'last-write-wins',
      }),
    },
    channels: {
      room: page.channel<{ closed: { why: string } }, { name: string }>()(
        (town: string, room: number) => `room:${town}:${room}`,
      ),
      lobby: page.channel()('lobby'),
    },
  });

describe('rows', () => {
  it('are a collection of the channel, with the policy of the table', () => {
    const lines = defined()().lines(7);
    const [[number, , channel, , options] = []] = page.engine.of('openCollection');
    expect(channel).toBe('lines:7');
    expect(options).toEqual({
      key: 'id',
      loads: false,
      persists: false,
      events: ['chat', 'update', 'delete'],
      conflict: 3,
      version: 'text',
      limit: 5,
      functions: [0, 0, 0, 0, 0],
    });
    const [one, two] = ['b', 'a'].map((text, at) => ({ id: `${at}`, text, room: '7' }));
    report(page.engine).collection(number, { rows: [one, two] as Line[] });
    expect(lines.items).toEqual([two, one]);
    lines.release();
    expect(page.engine.of('closecollection')).toEqual([[number]]);
  });

  it('without an id are one collection, known by the field of the table', () => {
    defined()().rooms();
    expect(page.engine.of('openCollection')[0]?.slice(2)).toMatchObject([
      'rooms',
      {},
      { key: 'key' },
    ]);
  });

  it('are the same options for the same ids, so that all who open them share one load', () => {
    const { lines } = defined()();
    expect(lines.at(7)).toBe(lines.at(7));
    expect(lines.at(8)).not.toBe(lines.at(7));
    for (let id = 0; id < 300; id++) lines.at(id);
    expect(lines.at(7).channel).toBe('lines:7');
  });

  it('are returned as data, and nothing is opened', () => {
    const place = defined()().lines.at('a b');
    expect(place.channel).toBe('lines:a b');
    expect(Object.keys(place.options).sort()).toEqual([
      'conflict',
      'events',
      'limit',
      'sort',
      'version',
    ]);
    expect(page.engine.of('openCollection')).toEqual([]);
  });

  it('are loaded and stored by the source, which gets their path and table', async () => {
    const places: Place[] = [];
    const load = vi.fn(() => []);
    const source: Source = (place) => {
      places.push(place);
      return { load };
    };
    const { lines, rooms } = defined()({ source });
    lines('a/b');
    rooms();
    expect(places).toEqual([
      {
        name: 'lines',
        channel: 'lines:a/b',
        path: '/rooms/a%2Fb/lines',
        table: 'lines',
        filter: { room: 'a/b' },
        order: 'text',
        key: 'id',
        version: 'text',
        limit: 5,
      },
      {
        name: 'rooms',
        channel: 'rooms',
        path: undefined,
        table: undefined,
        filter: {},
        order: undefined,
        key: 'key',
        version: undefined,
        limit: undefined,
      },
    ]);
    const [number] = page.engine.of('openCollection')[0] ?? [];
    report(page.engine).request(number, 'Load', 1);
    await vi.waitFor(() => expect(load).toHaveBeenCalledOnce());
  });
});

describe('channels', () => {
  it('are handles with events, presence and typing', () => {
    const { room } = defined()();
    const here = room('here', 7);
    const closed = vi.fn();
    here.on('closed', ({ why }) => closed(why));
    expect(here.name).toBe('room:here:7');
    report(page.engine).message('room:here:7', { why: 'late' }, 'closed');
    expect(closed).toHaveBeenCalledExactlyOnceWith('late');
    here.presence.track({ name: 'Ann' });
    expect(page.engine.of('presence')[0]?.slice(1)).toEqual([
      'room:here:7',
      0,
      undefined,
      '{"name":"Ann"}',
    ]);
    report(page.engine).typing('room:here:7', 'Bob');
    expect(here.typing.who).toEqual(['Bob']);
    expect(room.at('here', 8)).toBe('room:here:8');
  });

  it('may have one name for all', () => {
    expect(defined()().lobby().name).toBe('lobby');
  });
});

it('nothing is opened before the call; a given client is used', async () => {
  const client = page.createRealtimeClient();
  const { lines, room } = defined()({ client });
  expect(page.double.engines).toHaveLength(1);
  const started = page.double.nextEngine();
  lines(7);
  room('here', 7);
  const engine = await started;
  expect(engine.calls.map(([method]) => method)).toEqual(['openCollection', 'subscribe']);
  expect(page.engine.of('openCollection')).toEqual([]);
});

it.each([
  ['none', []],
  ['an empty one', ['']],
  ['undefined', [undefined]],
  ['null', [null]],
  ['an object', [{}]],
])('an id that is %s: throws at the call, with a hint', (_, ids) => {
  const { lines, room } = defined()();
  const rejection = expect.objectContaining({
    code: 'invalid_argument',
    message: expect.stringContaining('lines'),
    hint: expect.stringContaining('null'),
  });
  expect(() => lines(...(ids as [Id]))).toThrow(rejection);
  expect(() => lines.at(...(ids as [Id]))).toThrow(rejection);
  expect(() => room('here', ...(ids as [number]))).toThrow(/Id 2 given to room/);
  expect(page.engine.of('openCollection')).toEqual([]);
});

/** Channels of Supabase and Phoenix: what goes into the join, and who gets which change. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChannelOptions, ClientOptions } from '../../pkg-template/src/index.js';
import { type EngineDouble, freshPage, type Page, say } from './page.js';

let page: Page;
let client: ReturnType<Page['createRealtimeClient']>;
let engine: EngineDouble;

async function begin(options: ClientOptions): Promise<void> {
  page = await freshPage();
  client = page.createRealtimeClient(options);
  const started = page.double.nextEngine();
  client.subscribe('base', {});
  engine = await started;
}

/** The numbers of a channel's subscribers, and what each handed to the engine. */
const subscribers = (channel: string) =>
  engine
    .of('subscribe')
    .filter(([, name]) => name === channel)
    .map(([number, , options]) => ({ number, options: options as object }));

const change = (n: number) => ({ eventType: 'INSERT', table: 'todos', new: { n }, old: {} });
const todos = { event: '*', schema: 'public', table: 'todos' } as const;

describe('Supabase', () => {
  beforeEach(() =>
    begin({ protocol: 'supabase', url: 'https://ref.supabase.co', apiKey: 'public' }),
  );

  it.each<[string, ChannelOptions, object]>([
    ['nothing', {}, {}],
    ['private', { private: true }, { params: { private: true } }],
    [
      'broadcast without what is undefined or null',
      { broadcast: { ack: true, self: undefined, replay: { since: 5, limit: null } } as never },
      { params: { broadcast: { ack: true, replay: { since: 5 } } } },
    ],
    ['presence', { presence: true }, { params: { presence: { enabled: true } } }],
    ['no presence', { presence: false }, { params: { presence: { enabled: false } } }],
    [
      'presence by a key',
      { presence: { key: 'ann' } },
      { params: { presence: { enabled: true, key: 'ann' } } },
    ],
    ['presence by no key', { presence: { key: '' } }, { params: { presence: { enabled: true } } }],
    [
      'changes',
      {
        postgresChanges: [
          { ...todos, filter: undefined },
          { table: 'x', filter: null },
        ] as never,
      },
      { params: { postgres_changes: [todos, { event: '*', table: 'x' }] } },
    ],
    [
      'changes by a filter builder, of some columns',
      {
        postgresChanges: [{ event: 'DELETE', filter: { build: () => 'id=eq.1' }, select: ['id'] }],
      },
      { params: { postgres_changes: [{ event: 'DELETE', filter: 'id=eq.1', select: ['id'] }] } },
    ],
    [
      'params of the app, under its own',
      { params: { private: false, more: 1 }, private: true, persistent: true },
      { params: { private: true, more: 1 }, persistent: true },
    ],
  ])('the join: %s', (_, options, expected) => {
    client.subscribe('room', { ...options, onError: () => {} });
    expect(subscribers('room')).toEqual([{ number: expect.any(Number), options: expected }]);
  });

  it('a change reaches those it is for, and no other', () => {
    const [mine, others, all] = [vi.fn(), vi.fn(), vi.fn()];
    client.subscribe('room', { postgresChanges: [todos] }, mine);
    client.subscribe('room', {}, others);
    client.on('message', all);
    const [first] = subscribers('room');
    say(engine).change('room', change(1), [first?.number], 'id-1');
    const meta = {
      channel: 'room',
      event: 'postgres_changes',
      kind: 'change',
      id: 'id-1',
      own: false,
      recovered: false,
      receivedAt: expect.any(Number),
    };
    expect(mine).toHaveBeenCalledExactlyOnceWith(change(1), meta);
    expect(all).toHaveBeenCalledExactlyOnceWith(change(1), meta);
    expect(others).not.toHaveBeenCalled();
  });

  it('a handle listens to changes by a filter, each with a subscriber of its own', () => {
    const room = client.channel('room', { private: true });
    const [anns, bobs, all] = [vi.fn(), vi.fn(), vi.fn()];
    room.on('*', all);
    const off = room.on('postgres_changes', { ...todos, filter: 'owner=eq.ann' }, anns);
    room.on('postgres_changes', { ...todos, filter: 'owner=eq.bob' }, bobs);
    const [own, first, second] = subscribers('room');
    expect(own?.options).toEqual({ params: { private: true } });
    expect(first?.options).toEqual({
      params: { private: true, postgres_changes: [{ ...todos, filter: 'owner=eq.ann' }] },
    });
    say(engine).change('room', change(1), [first?.number]);
    say(engine).change('room', change(2), [first?.number, second?.number]);
    off();
    off();
    expect(engine.of('unsubscribe')).toEqual([[first?.number]]);
    say(engine).change('room', change(3), [second?.number]);
    expect(anns.mock.calls.map(([message]) => message.new.n)).toEqual([1, 2]);
    expect(bobs.mock.calls.map(([message]) => message.new.n)).toEqual([2, 3]);
    expect(all).not.toHaveBeenCalled();
    room.release();
    expect(engine.of('unsubscribe')).toEqual([[first?.number], [second?.number], [own?.number]]);
  });

  it('a handle opened with filters hears their changes as an event', () => {
    const room = client.channel('room', { postgresChanges: [todos] });
    const [changes, all] = [vi.fn(), vi.fn()];
    room.on('postgres_changes', changes);
    room.on('*', all);
    say(engine).change('room', change(1), [subscribers('room')[0]?.number]);
    expect(changes).toHaveBeenCalledOnce();
    expect(all).toHaveBeenCalledOnce();
  });

  it('a released handle asks for nothing more', () => {
    const room = client.channel('room');
    room.release();
    room.on('postgres_changes', todos, () => {})();
    expect(room.presence.state.size).toBe(0);
    expect(subscribers('room')).toHaveLength(1);
  });

  it('a callback that throws is reported and harms no other', () => {
    const [error, other] = [vi.fn(), vi.fn()];
    client.on('error', error);
    const room = client.channel('room');
    room.on('postgres_changes', todos, () => {
      throw Error('mine');
    });
    room.on('postgres_changes', todos, other);
    say(engine).change(
      'room',
      change(1),
      subscribers('room').map(({ number }) => number),
    );
    expect(other).toHaveBeenCalledOnce();
    expect(error.mock.calls[0]?.[0]).toMatchObject({ code: 'callback_failed' });
  });

  it.each([
    ['filter', () => client.channel('room').on('postgres_changes', 'todos' as never, () => {})],
    [
      'filter',
      () => client.channel('room').on('broadcast' as never, { event: 'x' } as never, () => {}),
    ],
    ['callback', () => client.channel('room').on('postgres_changes', {}, null as never)],
    ['event', () => client.channel('room').on('' as never, {}, () => {})],
  ])('%s: a bad argument throws at the call', (argument, call) => {
    expect(call).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: expect.stringContaining(argument),
      }),
    );
    expect(subscribers('room')).toHaveLength(1);
  });

  it('what the server says of the channel is told to who asks for it, and to nobody else', () => {
    const [plain, all, system, everything] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
    client.subscribe('room', {}, plain);
    client.on('message', everything);
    const room = client.channel('room');
    room.on('*', all);
    room.on('system', system);
    const word = { extension: 'postgres_changes', status: 'ok', message: 'Subscribed' };
    say(engine).system('room', word, 'system');
    expect(system).toHaveBeenCalledExactlyOnceWith(
      word,
      expect.objectContaining({ channel: 'room', event: 'system', kind: 'system' }),
    );
    for (const callback of [plain, all, everything]) expect(callback).not.toHaveBeenCalled();
  });

  it('a send waits for an answer unless it is told not to: the engine knows whether there are any', () => {
    client.channel('room', { broadcast: { ack: false } });
    client.send('room', 1);
    client.send('room', 2, { ack: false });
    expect(engine.of('send').map(([, , , , , flag]) => flag)).toEqual([1, 0]);
  });

  describe('presence', () => {
    it.each<[string, (presence: Room['presence']) => void, object]>([
      ['its state', ({ state }) => state, {}],
      ['a listener', (presence) => presence.on('join', () => {}), {}],
      ['tracking', (presence) => presence.track({}), {}],
      ['tracking by a key', (presence) => presence.track({}, { key: 'ann' }), { key: 'ann' }],
    ])('is asked for with its first use: %s', (_, use, key) => {
      const room = client.channel('room', { private: true });
      expect(subscribers('room')).toHaveLength(1);
      use(room.presence);
      use(room.presence);
      const [own, asking] = subscribers('room');
      expect(asking?.options).toEqual({
        params: { private: true, presence: { enabled: true, ...key } },
      });
      expect(subscribers('room')).toHaveLength(2);
      room.release();
      expect(engine.of('unsubscribe')).toEqual([[asking?.number], [own?.number]]);
    });

    it.each([true, false, { key: 'ann' }])('is not asked for twice: %o', (presence) => {
      const room = client.channel('room', { presence });
      room.presence.track({});
      expect(room.presence.state.size).toBe(0);
      expect(subscribers('room')).toHaveLength(1);
    });
  });
});

type Room = ReturnType<typeof client.channel>;

describe('Phoenix', () => {
  beforeEach(() => begin({ protocol: 'phoenix', url: 'wss://x.test/socket' }));

  it('a channel’s params are its join’s payload', () => {
    client.subscribe('room:1', { params: { since: 1 } });
    expect(subscribers('room:1')[0]?.options).toEqual({ params: { since: 1 } });
  });

  it('a send waits for a reply only if it is asked for', () => {
    client.send('room', 1);
    client.send('room', 1, { ack: true });
    client.channel('room').send('said', 1, { ack: false });
    expect(engine.of('send').map(([, , , , , flags]) => flags)).toEqual([0, 1, 0]);
  });

  it('presence needs no asking, and system is an event like any other', () => {
    const room = client.channel('room');
    const all = vi.fn();
    room.on('*', all);
    room.presence.track({});
    say(engine).message('room', 1, 'system');
    expect(all).toHaveBeenCalledOnce();
    expect(subscribers('room')).toHaveLength(1);
  });

  it.each<ChannelOptions>([
    { private: true },
    { postgresChanges: [todos] },
    { broadcast: { self: true } },
    { presence: { key: 'ann' } },
  ])('%o is refused, since nothing would come of it', (options) => {
    expect(() => client.subscribe('room', options)).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: expect.stringContaining(Object.keys(options)[0] ?? ''),
      }),
    );
    expect(subscribers('room')).toEqual([]);
    expect(() => client.channel('other').on('postgres_changes', todos, () => {})).toThrow(
      page.RealtimeError,
    );
  });
});

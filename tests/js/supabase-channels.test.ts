/** Channels of Supabase and Phoenix: the content of the join, and which listener receives which change. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SendFlag } from '../../pkg-template/src/generated/engine.js';
import type { ChannelOptions, ClientOptions } from '../../pkg-template/src/index.js';
import { type EngineDouble, engineError, freshPage, type Page, report } from './page.js';

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

/** Names that the protocols use, and names that are unsafe as keys of objects. */
const NAMES = [
  'system',
  'postgres_changes',
  'presence',
  'presence_state',
  'presence_diff',
  'broadcast',
  'phx_reply',
  'phx_error',
  'phx_close',
  'phx_join',
  'access_token',
  '',
  'message',
  '*',
  '__proto__',
  'sync',
  'typing',
];

/** The numbers of a channel's subscribers, and the options that each passed to the engine. */
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

  // The content of the join is decided by `src/core/protocol/supabase/join_config.rs`, and tested there.
  it.each<[string, ChannelOptions, object]>([
    ['nothing', {}, {}],
    ['private', { private: true }, { private: true }],
    ['nothing of what is undefined', { broadcast: undefined } as never, {}],
    [
      'a copy of the values',
      { broadcast: { ack: true, self: undefined }, presence: false } as never,
      { broadcast: { ack: true }, presence: false },
    ],
    [
      'filters, and the text of a filter builder',
      {
        postgresChanges: [
          { ...todos, filter: undefined },
          { event: 'DELETE', filter: { build: () => 'id=eq.1' }, select: ['id'] },
        ] as never,
      },
      { postgresChanges: [todos, { event: 'DELETE', filter: 'id=eq.1', select: ['id'] }] },
    ],
    [
      'no unknown members of presence and of filters, which have no effect',
      {
        presence: { key: 'ann', enabled: false, onSync: () => {} },
        postgresChanges: [{ ...todos, callback: () => {} }],
      } as never,
      { presence: { key: 'ann' }, postgresChanges: [todos] },
    ],
    ['no empty key of presence', { presence: { key: '' } }, { presence: {} }],
    [
      'params of the app, beside the options',
      { params: { private: false, more: 1 }, private: true, persistent: true },
      { params: { private: false, more: 1 }, private: true, persistent: true },
    ],
  ])('the engine receives: %s', (_, options, expected) => {
    client.subscribe('room', { ...options, onError: () => {} });
    expect(subscribers('room')).toEqual([{ number: expect.any(Number), options: expected }]);
  });

  it('a change reaches its receivers, and no other', () => {
    const [mine, others, all] = [vi.fn(), vi.fn(), vi.fn()];
    client.subscribe('room', { postgresChanges: [todos] }, mine);
    client.subscribe('room', {}, others);
    client.on('message', all);
    const [first] = subscribers('room');
    report(engine).change('room', change(1), [first?.number], 'id-1');
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
    expect(own?.options).toEqual({ private: true });
    expect(first?.options).toEqual({
      private: true,
      postgresChanges: [{ ...todos, filter: 'owner=eq.ann' }],
    });
    report(engine).change('room', change(1), [first?.number]);
    report(engine).change('room', change(2), [first?.number, second?.number]);
    off();
    off();
    expect(engine.of('unsubscribe')).toEqual([[first?.number]]);
    report(engine).change('room', change(3), [second?.number]);
    expect(anns.mock.calls.map(([message]) => message.new.n)).toEqual([1, 2]);
    expect(bobs.mock.calls.map(([message]) => message.new.n)).toEqual([2, 3]);
    expect(all).not.toHaveBeenCalled();
    room.release();
    expect(engine.of('unsubscribe')).toEqual([[first?.number], [second?.number], [own?.number]]);
  });

  it('a handle opened with filters receives their changes as an event', () => {
    const room = client.channel('room', { postgresChanges: [todos] });
    const [changes, all] = [vi.fn(), vi.fn()];
    room.on('postgres_changes', changes);
    room.on('*', all);
    report(engine).change('room', change(1), [subscribers('room')[0]?.number]);
    expect(changes).toHaveBeenCalledOnce();
    expect(all).toHaveBeenCalledOnce();
  });

  it('a released handle adds no subscriptions', () => {
    const room = client.channel('room');
    room.release();
    room.on('postgres_changes', todos, () => {})();
    expect(room.presence.state.size).toBe(0);
    expect(subscribers('room')).toHaveLength(1);
  });

  it('a callback that throws is reported and does not affect others', () => {
    const [error, other] = [vi.fn(), vi.fn()];
    client.on('error', error);
    const room = client.channel('room');
    room.on('postgres_changes', todos, () => {
      throw Error('mine');
    });
    room.on('postgres_changes', todos, other);
    report(engine).change(
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

  it('system messages reach the listeners of system, and no others', () => {
    const [plain, all, system, everything] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
    client.subscribe('room', {}, plain);
    client.on('message', everything);
    const room = client.channel('room');
    room.on('*', all);
    room.on('system', system);
    const message = { extension: 'postgres_changes', status: 'ok', message: 'Subscribed' };
    report(engine).system('room', message, 'system');
    expect(system).toHaveBeenCalledExactlyOnceWith(
      message,
      expect.objectContaining({ channel: 'room', event: 'system', kind: 'system' }),
    );
    for (const callback of [plain, all, everything]) expect(callback).not.toHaveBeenCalled();
  });

  describe.each(NAMES)('a broadcast named %j', (name) => {
    it('reaches listeners of messages, and of its name unless that is reserved', () => {
      const [plain, everything, all, named, own, change, mine] = Array.from({ length: 7 }, () =>
        vi.fn(),
      );
      client.subscribe('room', { postgresChanges: [todos] }, plain);
      client.on('message', everything as never);
      const room = client.channel('room', { postgresChanges: [todos] });
      room.on('*', all as never);
      if (!/^(system|postgres_changes|\*)$/.test(name)) room.on(name, named as never);
      else named?.(1, 2);
      room.on('system', own as never);
      room.on('postgres_changes', change as never);
      room.on('postgres_changes', todos, mine as never);
      room.presence.on('sync', own as never);
      room.typing.on('change', own as never);
      // The core decides whether a name is reserved.
      const isReserved = /^(system|postgres_changes)$/.test(name);
      report(engine)[isReserved ? 'reservedMessage' : 'message']('room', { forged: true }, name);
      for (const callback of [plain, everything, all]) {
        expect(callback).toHaveBeenCalledOnce();
        expect(callback?.mock.calls[0]?.[0]).toEqual({ forged: true });
        expect(callback?.mock.calls[0]?.[1]).toMatchObject({ event: name });
        expect(callback?.mock.calls[0]?.[1]).not.toHaveProperty('kind');
      }
      expect(named).toHaveBeenCalledOnce();
      for (const callback of [own, change, mine]) expect(callback).not.toHaveBeenCalled();
    });

    it('is sent under its name', () => {
      client.channel('room').send(name, { x: 1 });
      client.send('room', { x: 1 }, { event: name });
      expect(engine.of('send').map(([, , , , event]) => event)).toEqual([name, name]);
    });
  });

  it('each filter’s listener gets the changes of that filter and nothing else, one added later too', () => {
    const room = client.channel('room', { postgresChanges: [{ table: 'own' }] });
    const filters = [
      { event: 'INSERT', schema: 'public', table: 'todos' },
      { event: 'DELETE', table: 'todos' },
      { schema: 'private' },
      { table: 'todos', filter: 'id=eq.1' },
      {},
    ] as const;
    const listeners = filters.map((filter) => {
      const listener = vi.fn();
      room.on('postgres_changes', filter, listener);
      return listener;
    });
    const own = vi.fn();
    room.on('postgres_changes', own);
    const numbers = subscribers('room').map(({ number }) => number);
    report(engine).message('room', 'broadcast', 'moved');
    report(engine).reservedMessage('room', 'broadcast', 'postgres_changes');
    report(engine).system('room', { status: 'ok' }, 'system');
    report(engine).presence('room', ['sync']);
    numbers.forEach((number, n) => {
      report(engine).change('room', change(n), [number]);
    });
    expect(
      [own, ...listeners].map(({ mock }) => mock.calls.map(([{ new: row }]) => row.n)),
    ).toEqual(numbers.map((_, n) => [n]));
  });

  it('a send leaves it to the engine whether to request an acknowledgement, unless it has the option', () => {
    client.channel('room', { broadcast: { ack: false } });
    client.send('room', 1);
    client.send('room', 2, { ack: false });
    expect(engine.of('send').map(([, , , , , flag]) => flag)).toEqual([0, SendFlag.NoAck]);
  });

  describe('presence', () => {
    it.each<[string, (presence: Room['presence']) => void, ChannelOptions['presence']]>([
      ['its state', ({ state }) => state, true],
      ['a listener', (presence) => presence.on('join', () => {}), true],
      ['tracking', (presence) => presence.track({}), true],
      ['tracking by a key', (presence) => presence.track({}, { key: 'ann' }), { key: 'ann' }],
    ])('is requested with its first use: %s', (_, use, presence) => {
      const room = client.channel('room', { private: true });
      expect(subscribers('room')).toHaveLength(1);
      use(room.presence);
      use(room.presence);
      const [own, requesting] = subscribers('room');
      expect(requesting?.options).toEqual({ private: true, presence });
      expect(subscribers('room')).toHaveLength(2);
      room.release();
      expect(engine.of('unsubscribe')).toEqual([[requesting?.number], [own?.number]]);
    });

    it.each([true, false, { key: 'ann' }])('is not requested twice: %o', (presence) => {
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

  it('the reply to a join reaches handles, and for a handle that is opened later only that one', async () => {
    const [first, second, plain, all] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
    client.subscribe('room', {}, plain);
    client.on('message', all);
    client.channel('room').on('phx_join', first);
    report(engine).system('room', {}, 'phx_join');
    expect(first).toHaveBeenCalledExactlyOnceWith(
      {},
      expect.objectContaining({ channel: 'room', event: 'phx_join', kind: 'system' }),
    );
    page.double.beforeEachCall((method, [number, channel]) => {
      // As the engine does: before it returns.
      if (method === 'subscribe' && channel === 'room')
        report(engine).system('room', {}, 'phx_join', number);
    });
    const later = client.channel('room');
    const released = client.channel('room');
    later.on('phx_join', second);
    released.on('phx_join', first);
    released.release();
    await vi.waitFor(() => expect(second).toHaveBeenCalledOnce());
    for (const callback of [plain, all]) expect(callback).not.toHaveBeenCalled();
    expect(first).toHaveBeenCalledOnce();
  });

  it.each(['phx_join', 'presence_state', 'presence_diff'])(
    '%s: an application’s message of that name is a message',
    (name) => {
      const [own, all] = [vi.fn(), vi.fn()];
      const room = client.channel('room');
      room.on(name, own);
      room.on('*', all);
      report(engine).reservedMessage('room', 1, name);
      expect(all).toHaveBeenCalledOnce();
      expect(own).not.toHaveBeenCalled();
      report(engine).system('room', 2, name);
      expect(own).toHaveBeenCalledExactlyOnceWith(2, expect.objectContaining({ kind: 'system' }));
    },
  );

  describe('params that the channel does not have', () => {
    /** Makes the engine reject them as long as other subscribers use the channel. */
    const reject = () => {
      page.double.beforeEachCall((method, [number, channel, options]) => {
        if (method !== 'subscribe' || channel !== 'room') return;
        if (!(options as { params?: object }).params) return;
        const gone = engine.of('unsubscribe').map(([other]) => other);
        const others = subscribers('room').filter(
          (other) => other.number !== number && !gone.includes(other.number),
        );
        if (!others.length) return;
        throw { ...engineError('invalid_argument'), channel, cause: { message: 'params differ' } };
      });
    };

    it('are an error of the handle that requests them', async () => {
      reject();
      const [message, reported] = [vi.fn(), vi.fn()];
      client.channel('room').on('*', message);
      const other = client.channel('room', { params: { seat: 5 }, onError: reported });
      await vi.waitFor(() => expect(other.state).toBe('failed'));
      expect(other.error).toMatchObject({
        code: 'invalid_argument',
        channel: 'room',
        message: expect.stringContaining('params differ'),
      });
      expect(reported).toHaveBeenCalledExactlyOnceWith(other.error);
      other.release();
      report(engine).message('room', 1, 'chat');
      expect(message).toHaveBeenCalledOnce();
    });

    it('are no error if the others are released in the same task, as components do', async () => {
      reject();
      const reported = vi.fn();
      const before = client.channel('room');
      // A component's former handle is released in a microtask.
      queueMicrotask(() => before.release());
      const after = client.channel('room', { params: { seat: 5 }, onError: reported });
      const message = vi.fn();
      after.on('*', message);
      await Promise.resolve();
      await Promise.resolve();
      expect([reported.mock.calls, after.error]).toEqual([[], null]);
      report(engine).message('room', 1, 'chat');
      expect(message).toHaveBeenCalledOnce();
    });

    it('are joined as soon as the others are removed, unless the handle is too', async () => {
      reject();
      const [first, second] = [client.channel('room'), client.channel('room')];
      const [kept, released] = [1, 2].map((seat) => client.channel('room', { params: { seat } }));
      await vi.waitFor(() => expect(kept?.state).toBe('failed'));
      released?.release();
      first.release();
      expect(kept?.state).toBe('failed');
      second.release();
      report(engine).channel('room', 'ready', 'fresh');
      expect([kept?.state, kept?.error, released?.state]).toEqual(['ready', null, 'left']);
      const before = engine.of('unsubscribe').length;
      kept?.release();
      expect(engine.of('unsubscribe')).toHaveLength(before + 1);
    });
  });

  it('a send passes the option ack to the engine', () => {
    client.send('room', 1);
    client.send('room', 1, { ack: true });
    client.channel('room').send('chat', 1, { ack: false });
    const flags = engine.of('send').map(([, , , , , flag]) => flag);
    expect(flags).toEqual([0, SendFlag.Ack, SendFlag.NoAck]);
  });

  it('presence needs no option, and system is an event like any other', () => {
    const room = client.channel('room');
    const all = vi.fn();
    room.on('*', all);
    room.presence.track({});
    report(engine).message('room', 1, 'system');
    expect(all).toHaveBeenCalledOnce();
    expect(subscribers('room')).toHaveLength(1);
  });

  it('Supabase’s options reach the engine, and its error the caller', () => {
    const rejection = engineError('invalid_argument');
    page.double.beforeEachCall((method) => {
      if (method === 'subscribe') throw rejection;
    });
    const room = client.channel.bind(client, 'other');
    for (const call of [() => client.subscribe('room', { private: true }), room]) {
      expect(call).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    }
  });
});

/** realtime-js's methods on this package's engine: the same calls, the same payloads. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Kind, MessageFlag, SendFlag } from '../../pkg-template/src/generated/engine.js';
import { type EngineDouble, engineError, freshPage, type Page, report } from './page.js';

type Entry = typeof import('../../pkg-template/src/supabase/index.js');

let page: Page;
let realtime: ReturnType<Entry['supabaseRealtime']>;
let engine: EngineDouble;

beforeEach(async () => {
  page = await freshPage();
  const { supabaseRealtime } = await import('../../pkg-template/src/supabase/index.js');
  realtime = supabaseRealtime('https://ref.supabase.co', 'public');
  const started = page.double.nextEngine();
  realtime.client.subscribe('base', {});
  engine = await started;
});

const todos = { event: '*', schema: 'public', table: 'todos' } as const;

const subscribers = (channel = 'room') =>
  engine
    .of('subscribe')
    .filter(([, name]) => name === channel)
    .map(([number, , options]) => ({
      number,
      options: options as { postgresChanges?: unknown[]; presence?: unknown },
    }));

/** The subscriber with this filter only, whose callback is its own. */
const listener = (filter: object) =>
  subscribers()
    .filter(({ options }) => JSON.stringify(options.postgresChanges) === JSON.stringify([filter]))
    .at(-1)?.number;

it('a hidden page keeps its connection, as with realtime-js', () => {
  expect(engine.options).toMatchObject({ protocol: 'supabase', visibility: false });
});

describe('a channel', () => {
  it('is the same object for the same name until it is removed', async () => {
    const room = realtime.channel('room');
    expect(realtime.channel('room')).toBe(room);
    expect(room).toMatchObject({ topic: 'realtime:room', subTopic: 'room', state: 'closed' });
    expect(realtime.getChannels()).toEqual([room]);
    expect(subscribers()).toEqual([]);
    room.subscribe();
    expect(room.state).toBe('joining');
    expect(await realtime.removeChannel(room)).toBe('ok');
    expect(room.state).toBe('closed');
    expect(realtime.getChannels()).toEqual([]);
    expect(realtime.channel('room')).not.toBe(room);
    expect(engine.of('unsubscribe')).toHaveLength(subscribers().length);
  });

  it('sends all options in one join, as realtime-js does', () => {
    realtime
      .channel('room', { config: { private: true, presence: { key: 'ann' } } })
      .on('postgres_changes', todos, () => {})
      .on('presence', { event: 'sync' }, () => {})
      .subscribe();
    expect(subscribers()[0]?.options).toEqual({
      broadcast: { ack: false, self: false },
      params: { presence: { key: 'ann', enabled: true } },
      postgresChanges: [todos],
      private: true,
    });
    // It includes the options of the others.
    for (const { options } of subscribers().slice(1)) {
      expect(options).toMatchObject({ private: true });
      for (const filter of options.postgresChanges ?? []) expect(filter).toEqual(todos);
    }
  });

  it('without listeners requests no presence and no database changes', () => {
    realtime.channel('room', { config: { broadcast: { self: true } } }).subscribe();
    expect(subscribers().map(({ options }) => options)).toEqual([
      { broadcast: { ack: false, self: true }, params: { presence: { enabled: false } } },
      { presence: false },
    ]);
  });

  it('subscribed twice is subscribed once', () => {
    const room = realtime.channel('room').subscribe();
    const before = subscribers().length;
    room.subscribe();
    expect(subscribers()).toHaveLength(before);
  });
});

describe('the status of subscribe', () => {
  const reported: unknown[] = [];
  const notify = (...values: unknown[]) => reported.push(values);

  beforeEach(() => {
    reported.length = 0;
  });

  it('follows joins, losses and leaving', async () => {
    const room = realtime.channel('room').subscribe(notify);
    report(engine).channel('room', 'joining', 'fresh', undefined, 'joining');
    report(engine).channel('room', 'joined', 'fresh');
    report(engine).channel('room', 'ready', 'fresh', undefined, 'live');
    expect(reported).toEqual([['SUBSCRIBED']]);
    expect(room.state).toBe('joined');
    report(engine).channel('room', 'joining', 'fresh', undefined, 'connection_down');
    report(engine).channel('room', 'ready', 'unknown');
    await room.unsubscribe();
    expect(reported.slice(1)).toEqual([['CHANNEL_ERROR'], ['SUBSCRIBED'], ['CLOSED']]);
  });

  it('reports each rejection with its error, and timeouts', () => {
    const room = realtime.channel('room').subscribe(notify);
    report(engine).channel('room', 'joining', 'fresh', engineError('limit'), 'join_refused');
    report(engine).channel('room', 'joining', 'fresh', engineError('join_timeout'), 'join_timeout');
    report(engine).channel('room', 'failed', 'fresh', engineError('forbidden'), 'join_refused');
    expect(reported).toEqual([
      ['CHANNEL_ERROR', expect.objectContaining({ code: 'limit' })],
      ['TIMED_OUT', expect.objectContaining({ code: 'join_timeout' })],
      ['CHANNEL_ERROR', expect.objectContaining({ code: 'forbidden' })],
    ]);
    expect(room.state).toBe('errored');
  });

  it('of a channel that is already joined is SUBSCRIBED in a later task', async () => {
    realtime.client.subscribe('room', {});
    report(engine).channel('room', 'ready', 'fresh');
    realtime.channel('room').subscribe(notify);
    expect(reported).toEqual([]);
    await vi.waitFor(() => expect(reported).toEqual([['SUBSCRIBED']]));
  });

  it('does not report a join for a later option', () => {
    realtime.channel('room').subscribe(notify);
    report(engine).channel('room', 'ready', 'fresh');
    report(engine).channel('room', 'joining', 'unknown', undefined, 'recovering');
    report(engine).channel('room', 'ready', 'unknown');
    expect(reported).toEqual([['SUBSCRIBED']]);
  });

  it('with wait: true is SUBSCRIBED only after the database confirmed', () => {
    const config = { postgres_changes_options: { wait: true } };
    realtime
      .channel('room', { config })
      .on('postgres_changes', todos, () => {})
      .subscribe(notify);
    report(engine).channel('room', 'joined', 'fresh');
    expect(reported).toEqual([]);
    report(engine).channel('room', 'ready', 'fresh', undefined, 'live');
    expect(reported).toEqual([['SUBSCRIBED']]);
  });

  it.each([
    ['CHANNEL_ERROR', 'reconnecting', engineError('connect_refused')],
    ['TIMED_OUT', 'reconnecting', engineError('connect_timeout')],
    ['CHANNEL_ERROR', 'failed', engineError('auth_denied')],
    ['CHANNEL_ERROR', 'offline', undefined],
    ['CHANNEL_ERROR', 'idle', undefined],
  ] as const)(
    '%s while there is no connection (%s), once, and what follows',
    (status, state, error) => {
      realtime.channel('room').subscribe(notify);
      report(engine).state(state, 'connection_lost', error);
      report(engine).state('connecting');
      report(engine).state('reconnecting', 'connection_lost', engineError('connect_refused'));
      expect(reported).toEqual([[status, expect.any(Error)]]);
      if (error)
        expect(reported).toEqual([[status, expect.objectContaining({ code: error.code })]]);
      report(engine).state('ready');
      report(engine).channel('room', 'ready', 'fresh');
      expect(reported.slice(1)).toEqual([['SUBSCRIBED']]);
    },
  );

  it('is CHANNEL_ERROR if the connection failed before', async () => {
    report(engine).state('reconnecting', 'connection_lost', engineError('connect_refused'));
    realtime.channel('room').subscribe(notify);
    await vi.waitFor(() => expect(reported).toHaveLength(1));
    expect(reported).toEqual([
      ['CHANNEL_ERROR', expect.objectContaining({ code: 'connect_refused' })],
    ]);
  });

  it('reports the end of a connection once, whichever event is first', () => {
    realtime.channel('room').subscribe(notify);
    report(engine).channel('room', 'ready', 'fresh');
    report(engine).state('reconnecting', 'connection_lost', engineError('connection_lost'));
    report(engine).channel('room', 'joining', 'fresh', undefined, 'connection_down');
    report(engine).state('offline');
    expect(reported).toEqual([
      ['SUBSCRIBED'],
      ['CHANNEL_ERROR', expect.objectContaining({ code: 'connection_lost' })],
    ]);
  });

  it('is CLOSED when the client is destroyed, once', async () => {
    const room = realtime.channel('room').subscribe(notify);
    realtime.client.destroy();
    await room.unsubscribe();
    expect(reported).toEqual([['CLOSED']]);
  });

  it('is CHANNEL_ERROR if the engine accepts no more channels', () => {
    page.double.beforeEachCall((method, [, channel]) => {
      if (method === 'subscribe' && channel === 'full') throw engineError('channel_limit');
    });
    const full = realtime.channel('full').subscribe(notify);
    expect(reported).toEqual([
      ['CHANNEL_ERROR', expect.objectContaining({ code: 'channel_limit' })],
    ]);
    expect(full.state).toBe('closed');
  });
});

describe('broadcasts', () => {
  it('are received by event name, case-insensitively, or all', () => {
    const [moved, all] = [vi.fn(), vi.fn()];
    const room = realtime.channel('room').on('broadcast', { event: 'Moved' }, moved).subscribe();
    room.on('broadcast', { event: '*' }, all);
    report(engine).message('room', { x: 1 }, 'moved');
    report(engine).message('room', { x: 2 }, 'left');
    const message = { type: 'broadcast', event: 'moved', payload: { x: 1 } };
    expect(moved).toHaveBeenCalledExactlyOnceWith(message);
    expect(all.mock.calls).toEqual([
      [message],
      [{ type: 'broadcast', event: 'left', payload: { x: 2 } }],
    ]);
  });

  it('of the database have their id, and are marked as replayed', () => {
    const all = vi.fn();
    realtime.channel('room').on('broadcast', { event: '*' }, all).subscribe();
    engine.sink(
      Kind.Message,
      engine.channels.get('room') ?? 0,
      1,
      'x',
      'id-1',
      undefined,
      undefined,
      MessageFlag.Recovered,
    );
    engine.sink(
      Kind.Message,
      engine.channels.get('room') ?? 0,
      2,
      'x',
      'id-2',
      undefined,
      undefined,
      0,
    );
    expect(all.mock.calls.map(([{ meta }]) => meta)).toEqual([
      { id: 'id-1', replayed: true },
      { id: 'id-2' },
    ]);
  });

  it.each([
    ['ok', 'acked', { confirmed: true }],
    ['timed out', 'failed', engineError('ack_timeout')],
    ['error', 'failed', engineError('rejected')],
  ] as const)('sent are %s', async (status, outcome, detail) => {
    const room = realtime.channel('room', { config: { broadcast: { ack: true } } }).subscribe();
    const sent = room.send({ type: 'broadcast', event: 'moved', payload: { x: 1 } });
    const [number, channel, text, , event, flags] = engine.of('send')[0] ?? [];
    expect([channel, text, event, flags]).toEqual(['room', '{"x":1}', 'moved', 1]);
    report(engine).send(number, outcome, detail);
    expect(await sent).toBe(status);
  });

  it('sent without ack wait for a socket only; without payload they have an empty one', async () => {
    const room = realtime.channel('room').subscribe();
    const sent = room.send({ type: 'broadcast', event: 'moved' }, { timeout: 50 });
    const [number, , text, , , flags, timeout] = engine.of('send')[0] ?? [];
    expect([text, flags, timeout]).toEqual(['{}', SendFlag.NoAck, 50]);
    report(engine).send(number, 'acked', { confirmed: false });
    expect(await sent).toBe('ok');
  });

  it('sent with a timeout are timed out after it, even without an outcome of the engine', async () => {
    const room = realtime.channel('room').subscribe();
    const message = { type: 'broadcast', event: 'moved' } as const;
    expect(await room.send(message, { timeout: 20 })).toBe('timed out');
    expect(await room.track({}, { timeout: 20 })).toBe('timed out');
    expect(await room.untrack({ timeout: 20 })).toBe('timed out');
    const other = realtime.channel('other');
    expect(await other.send(message, { timeout: 20 })).toBe('timed out');
  });

  it('presence is timed out after ten seconds, as with realtime-js', async () => {
    vi.useFakeTimers();
    try {
      const tracked = realtime.channel('room').subscribe().track({});
      await vi.advanceTimersByTimeAsync(9_999);
      expect(await Promise.race([tracked, 'waits'])).toBe('waits');
      await vi.advanceTimersByTimeAsync(1);
      expect(await tracked).toBe('timed out');
    } finally {
      vi.useRealTimers();
    }
  });

  it('sent without a subscription join until they are settled', async () => {
    const room = realtime.channel('room', { config: { private: true } });
    const sent = room.send({ type: 'broadcast', event: 'x', payload: {} });
    const [subscriber] = subscribers();
    expect(subscriber?.options).toMatchObject({ private: true });
    report(engine).send(engine.of('send')[0]?.[0], 'acked', { confirmed: false });
    expect(await sent).toBe('ok');
    expect(engine.of('unsubscribe')).toEqual([[subscriber?.number]]);
  });

  it('may be bytes', () => {
    const payload = Uint8Array.from([1, 2]);
    void realtime.channel('room').subscribe().send({ type: 'broadcast', event: 'x', payload });
    expect(engine.of('send')[0]?.[2]).toEqual(payload.buffer);
  });

  it('of another type are rejected', async () => {
    const room = realtime.channel('room').subscribe();
    expect(await room.send({ type: 'postgres_changes' as never, event: 'x' })).toBe('error');
    expect(engine.of('send')).toEqual([]);
  });
});

describe('each listener receives only the kind that it names', () => {
  it.each(['system', 'presence', 'postgres_changes', 'phx_close', 'broadcast', '', '__proto__'])(
    'a broadcast named %j is a broadcast',
    (name) => {
      const [own, all, named, other] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
      realtime
        .channel('room')
        .on('broadcast', { event: '*' }, all)
        .on('broadcast', { event: name }, named)
        .on('broadcast', { event: 'other' }, other)
        .on('system', {}, own)
        .on('presence', { event: '*' }, own)
        .on('postgres_changes', todos, own)
        .subscribe();
      const isReserved = ['system', 'postgres_changes'].includes(name);
      report(engine)[isReserved ? 'reservedMessage' : 'message']('room', { forged: true }, name);
      const message = { type: 'broadcast', event: name, payload: { forged: true } };
      for (const callback of [all, named]) {
        expect(callback).toHaveBeenCalledExactlyOnceWith(message);
      }
      for (const callback of [own, other]) expect(callback).not.toHaveBeenCalled();
    },
  );
});

describe('database changes', () => {
  const change = (n: number) => ({ eventType: 'INSERT', new: { n }, old: {} });

  it('reach the callbacks whose filters they match, one added later too', () => {
    const [anns, bobs, all] = [vi.fn(), vi.fn(), vi.fn()];
    const [ann, bob] = [
      { ...todos, filter: 'owner=eq.ann' },
      { ...todos, filter: 'owner=eq.bob' },
    ];
    const room = realtime
      .channel('room')
      .on('broadcast', { event: '*' }, all)
      .on('postgres_changes', ann, anns)
      .subscribe();
    room.on('postgres_changes', bob, bobs);
    report(engine).change('room', change(1), [listener(ann)]);
    report(engine).change('room', change(2), [listener(bob)]);
    expect(anns.mock.calls).toEqual([[change(1)]]);
    expect(bobs.mock.calls).toEqual([[change(2)]]);
    expect(all).not.toHaveBeenCalled();
  });
});

it('system messages reach their listeners', () => {
  const system = vi.fn();
  realtime.channel('room').on('system', {}, system).subscribe();
  const message = { extension: 'system', status: 'ok', message: 'here', channel: 'room' };
  report(engine).system('room', message, 'system');
  report(engine).reservedMessage('room', message, 'system');
  expect(system).toHaveBeenCalledExactlyOnceWith(message);
});

describe('presence', () => {
  const ann = { name: 'Ann' };
  const bob = { name: 'Bob' };
  const one = (meta: object) => ({ ...meta, presence_ref: expect.any(String) });

  it('is emitted as in realtime-js: an update is a join and a leave, and a sync follows', async () => {
    const reported: unknown[] = [];
    const room = realtime
      .channel('room')
      .on('presence', { event: '*' }, (message) => reported.push(message))
      .subscribe();
    report(engine).presence('room', ['sync'], ['join', 'a', [ann], [ann]]);
    await vi.waitFor(() => expect(reported).toHaveLength(2));
    expect(reported).toEqual([
      { event: 'join', key: 'a', currentPresences: [], newPresences: [one(ann)] },
      { event: 'sync' },
    ]);
    expect(room.presenceState()).toEqual({ a: [one(ann)] });
    report(engine).presence('room', ['update', 'a', [bob], [bob]], ['leave', 'a', [], [bob]]);
    await vi.waitFor(() => expect(reported).toHaveLength(6));
    expect(reported.slice(2)).toEqual([
      { event: 'join', key: 'a', currentPresences: [one(ann)], newPresences: [one(bob)] },
      { event: 'leave', key: 'a', currentPresences: [one(bob)], leftPresences: [one(ann)] },
      { event: 'leave', key: 'a', currentPresences: [], leftPresences: [one(bob)] },
      { event: 'sync' },
    ]);
    expect(room.presenceState()).toEqual({});
  });

  it('has one reference for each meta', () => {
    const room = realtime
      .channel('room')
      .on('presence', { event: 'sync' }, () => {})
      .subscribe();
    const [first, second] = [{ ...ann }, { ...ann }];
    report(engine).presence('room', ['join', 'a', [first, second], [first, second]]);
    const [before, after] = [room.presenceState(), room.presenceState()];
    expect(after).toEqual(before);
    const [a, b] = (before.a ?? []).map(({ presence_ref }) => presence_ref);
    expect(a).not.toBe(b);
  });

  it('is requested late if a listener is added late, by the key of the channel', () => {
    const config = { presence: { key: 'ann' } };
    const room = realtime.channel('room', { config }).subscribe();
    const before = subscribers().length;
    const sync = vi.fn();
    room.on('presence', { event: 'sync' }, sync).on('presence', { event: 'join' }, () => {});
    const requested = subscribers().slice(before);
    expect(requested.map(({ options }) => options.presence)).toEqual([{ key: 'ann' }]);
  });

  it('needs a subscription', async () => {
    expect(await realtime.channel('room').track(ann)).toBe('error');
    expect(engine.of('presence')).toEqual([]);
  });

  it('tracks and untracks', async () => {
    const room = realtime.channel('room').subscribe();
    const [tracked, untracked] = [room.track(ann), room.untrack()];
    const calls = engine.of('presence');
    expect(calls.map(([, ...rest]) => rest)).toEqual([
      ['room', 0, undefined, '{"name":"Ann"}'],
      ['room', 2, undefined, undefined],
    ]);
    for (const [number] of calls) report(engine).send(number, 'acked', { confirmed: true });
    expect([await tracked, await untracked]).toEqual(['ok', 'ok']);
    expect(subscribers().every(({ options }) => !JSON.stringify(options).includes('true'))).toBe(
      true,
    );
  });
});

describe('the connection', () => {
  it('has the states of realtime-js', async () => {
    expect([realtime.isConnecting(), realtime.connectionState()]).toEqual([true, 'connecting']);
    report(engine).state('ready');
    expect([realtime.isConnected(), realtime.connectionState()]).toEqual([true, 'open']);
    realtime.connect();
    expect(engine.of('connect')).toHaveLength(1);
    realtime.channel('room').subscribe();
    expect(await realtime.removeAllChannels()).toEqual(['ok']);
    expect(realtime.getChannels()).toEqual([]);
    expect(engine.of('disconnect')).toHaveLength(1);
    expect(realtime.connectionState()).toBe('closed');
  });

  it('setAuth sets a token, once, that is used for the next connections', async () => {
    await realtime.setAuth('mine');
    await realtime.setAuth('mine');
    expect(engine.of('setToken').map(([token]) => token)).toEqual(['mine']);
    engine.sink(Kind.TokenRequest, 7);
    const answer = await vi.waitUntil(() => engine.of('answerToken')[0]);
    expect(answer).toEqual([7, 'mine']);
  });
});

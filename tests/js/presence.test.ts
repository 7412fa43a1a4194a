/** Presence and typing: shared by the handles of a channel, emitted to the listeners of each. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type EngineDouble, engineError, freshPage, type Page, report } from './page.js';

let page: Page;
let client: ReturnType<Page['createRealtimeClient']>;
let engine: EngineDouble;

beforeEach(async () => {
  page = await freshPage();
  client = page.createRealtimeClient();
  const started = page.double.nextEngine();
  client.subscribe('base', {});
  engine = await started;
});

const ann = { name: 'Ann' };
const bob = { name: 'Bob' };

describe('presence', () => {
  it('tracks this client, and reports the outcome', async () => {
    const { presence } = client.channel('room');
    const meta = { name: 'as it was' };
    const tracked = presence.track(meta, { key: 'me' });
    meta.name = 'changed';
    presence.track(ann);
    presence.update(bob);
    const untracked = presence.untrack();
    const calls = engine.of('presence');
    expect(calls.map((values) => values.slice(1))).toEqual([
      ['room', 0, 'me', '{"name":"as it was"}'],
      ['room', 0, undefined, '{"name":"Ann"}'],
      ['room', 1, undefined, '{"name":"Bob"}'],
      ['room', 2, undefined, undefined],
    ]);
    expect(tracked.status).toBe('queued');
    report(engine).send(calls[0]?.[0], 'sent');
    report(engine).send(calls[0]?.[0], 'acked', { confirmed: true });
    await expect(tracked.acked).resolves.toEqual({ confirmed: true });
    report(engine).send(calls[3]?.[0], 'failed', engineError('unsupported'));
    await expect(untracked.acked).rejects.toMatchObject({ code: 'unsupported' });
    expect(client.getSnapshot().queueDepth).toBe(0);
  });

  it('is replayed in the order of the calls, and does not count as a queued message', async () => {
    const other = page.createRealtimeClient();
    const started = page.double.nextEngine();
    const room = other.channel('room');
    room.send('before');
    room.presence.track(ann);
    expect(other.getSnapshot().queueDepth).toBe(1);
    const second = await started;
    expect(second.calls.map(([method]) => method)).toEqual(['subscribe', 'send', 'presence']);
  });

  it('state is a new map with each change, and the same until then', () => {
    const { presence } = client.channel('room');
    expect(presence.state.size).toBe(0);
    expect(presence.state).toBe(presence.state);
    report(engine).presence(
      'room',
      ['sync'],
      ['join', 'a', [ann], [ann]],
      ['join', 'b', [bob], [bob]],
    );
    const before = presence.state;
    expect([...before]).toEqual([
      ['a', [ann]],
      ['b', [bob]],
    ]);
    report(engine).presence('room', ['sync']);
    expect(presence.state).toBe(before);
    report(engine).presence('room', ['leave', 'b', [], [bob]]);
    expect([...presence.state.keys()]).toEqual(['a']);
    expect(before.size).toBe(2);
    const other = client.channel('room');
    expect(other.presence.state).toBe(presence.state);
  });

  it('calls each listener once, with the new state', () => {
    const { presence } = client.channel('room');
    const reported: unknown[] = [];
    presence.on('sync', (...values: unknown[]) => reported.push(['sync', ...values]));
    for (const event of ['join', 'update', 'leave'] as const) {
      presence.on(event, (key, metas, changed) =>
        reported.push([event, key, metas, changed, presence.state.has(key)]),
      );
    }
    client.channel('room').presence.on('leave', (key) => reported.push(key));
    report(engine).presence(
      'room',
      ['sync'],
      ['join', 'a', [ann, bob], [ann]],
      ['update', 'b', [bob], [bob]],
    );
    report(engine).presence('room', ['leave', 'a', [], [ann, bob]]);
    expect(reported).toEqual([
      ['sync'],
      ['join', 'a', [ann, bob], [ann], true],
      ['update', 'b', [bob], [bob], true],
      ['leave', 'a', [], [ann, bob], false],
      'a',
    ]);
  });

  it('hostile keys are ordinary keys', () => {
    const { presence } = client.channel('room');
    report(engine).presence('room', ['join', '__proto__', [ann], [ann]]);
    expect(presence.state.get('__proto__')).toEqual([ann]);
    expect(({} as { name?: string }).name).toBeUndefined();
  });

  it('a listener that throws is reported and does not affect the others; a released one is not called', () => {
    const [errors, other] = [vi.fn(), vi.fn()];
    client.on('error', errors);
    const room = client.channel('room');
    room.presence.on('join', () => {
      throw Error('mine');
    });
    room.presence.on('join', other);
    report(engine).presence('room', ['join', 'a', [ann], [ann]]);
    expect(other).toHaveBeenCalledOnce();
    expect(errors.mock.calls[0]?.[0]).toMatchObject({ code: 'callback_failed' });
    room.release();
    report(engine).presence('room', ['join', 'b', [bob], [bob]]);
    expect(other).toHaveBeenCalledOnce();
  });

  it.each([
    ['meta', (room: Room) => room.presence.track('me' as never)],
    ['meta', (room: Room) => room.presence.track(null as never)],
    ['meta', (room: Room) => room.presence.update([] as never)],
    ['listener', (room: Room) => room.presence.on('join', null as never)],
    ['listener', (room: Room) => room.typing.on('change', null as never)],
  ])('%s: a bad argument throws at the call', (argument, call) => {
    expect(() => call(client.channel('room'))).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: expect.stringContaining(argument),
      }),
    );
    expect(engine.of('presence')).toEqual([]);
  });

  it('a destroyed client throws', () => {
    const room = client.channel('room');
    client.destroy();
    const rejection = expect.objectContaining({ code: 'destroyed' });
    expect(() => room.presence.track(ann)).toThrow(rejection);
    expect(() => room.typing.start()).toThrow(rejection);
  });
});

type Room = ReturnType<typeof client.channel>;

describe('typing', () => {
  it('is sent while there is an engine, and never queued for one', async () => {
    const { typing } = client.channel('room');
    typing.start();
    typing.stop();
    expect(engine.of('typing')).toEqual([
      ['room', true],
      ['room', false],
    ]);
    const other = page.createRealtimeClient();
    const started = page.double.nextEngine();
    other.channel('room').typing.start();
    expect((await started).of('typing')).toEqual([]);
  });

  it('shows and emits who is typing', () => {
    const { typing, presence } = client.channel('room');
    const [change, join] = [vi.fn(), vi.fn()];
    typing.on('change', change);
    presence.on('join', join);
    expect(typing.who).toEqual([]);
    expect(typing.who).toBe(typing.who);
    report(engine).typing('room', 'Ann', 'Bob');
    expect(typing.who).toEqual(['Ann', 'Bob']);
    expect(change).toHaveBeenCalledExactlyOnceWith(typing.who);
    expect(join).not.toHaveBeenCalled();
  });
});

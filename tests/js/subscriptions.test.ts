/** Subscriptions and handles: which callback receives which message, and errors of callbacks. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Kind, SendFlag } from '../../pkg-template/src/generated/engine.js';
import {
  type EngineDouble,
  engineError,
  freshPage,
  type Page,
  report,
  uncaughtError,
} from './page.js';

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

describe('messages', () => {
  it('reach every callback of their channel once, with their metadata', () => {
    const received: unknown[] = [];
    const callback = (message: unknown, meta: unknown) => received.push([message, meta]);
    client.subscribe('a', {}, callback);
    client.subscribe('a', {}, callback);
    client.subscribe('b', {}, callback);
    engine.sink(Kind.Message, engine.channels.get('a') ?? 0, { x: 1 }, 'moved', 'id-1', 4, 'e1', 3);
    const meta = {
      channel: 'a',
      event: 'moved',
      id: 'id-1',
      seq: 4,
      epoch: 'e1',
      own: true,
      recovered: true,
      receivedAt: expect.any(Number),
    };
    expect(received).toEqual([
      [{ x: 1 }, meta],
      [{ x: 1 }, meta],
    ]);
  });

  it('the same function subscribed twice is two subscriptions', () => {
    const callback = vi.fn();
    const first = client.subscribe('a', {}, callback);
    client.subscribe('a', {}, callback);
    first();
    first();
    report(engine).message('a', 1);
    expect(callback).toHaveBeenCalledOnce();
    expect(engine.of('unsubscribe')).toHaveLength(1);
  });

  it('a callback that throws is reported and does not affect others', () => {
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    const fault = Error('mine');
    const other = vi.fn();
    client.subscribe('a', {}, () => {
      throw fault;
    });
    client.subscribe('a', {}, other);
    report(engine).message('a', 1);
    report(engine).message('a', 2);
    expect(other.mock.calls.map(([message]) => message)).toEqual([1, 2]);
    expect(errors).toHaveLength(2);
    expect(errors[0]).toMatchObject({ code: 'callback_failed', cause: fault });
  });

  it('an error thrown by a callback is reported as uncaught without an error listener', async () => {
    const fault = Error('mine');
    const other = vi.fn();
    client.subscribe('a', {}, () => {
      throw fault;
    });
    client.subscribe('a', {}, other);
    expect(await uncaughtError(() => report(engine).message('a', 1))).toBe(fault);
    expect(other).toHaveBeenCalledOnce();
  });

  it('a callback may unsubscribe, subscribe and send', () => {
    const late = vi.fn();
    const second = vi.fn();
    client.subscribe('a', {}, () => {
      unsubscribe();
      client.subscribe('a', {}, late);
      client.send('a', 'answer');
    });
    const unsubscribe = client.subscribe('a', {}, second);
    report(engine).message('a', 1);
    expect(second).not.toHaveBeenCalled();
    expect(late).not.toHaveBeenCalled();
    expect(engine.of('send')).toHaveLength(1);
    report(engine).message('a', 2);
    expect(late).toHaveBeenCalledOnce();
  });
});

describe('a handle', () => {
  it('calls the listeners of the event', () => {
    const [all, chat] = [vi.fn(), vi.fn()];
    const handle = client.channel('room');
    handle.on('*', all);
    const off = handle.on('chat', chat);
    report(engine).message('room', 1, 'chat');
    report(engine).message('room', 2, 'left');
    off();
    report(engine).message('room', 3, 'chat');
    expect(all.mock.calls.map(([message]) => message)).toEqual([1, 2, 3]);
    expect(chat.mock.calls.map(([message]) => message)).toEqual([1]);
  });

  it('sends a payload, or an event with its payload', () => {
    const handle = client.channel('room');
    handle.send('only a text');
    handle.send({ x: 1 }, { timeoutMs: 5 });
    handle.send('chat', { x: 2 });
    handle.send('chat', 'text', { ack: false });
    const sends = engine.of('send').map(([, , text, , event, flags]) => [text, event, flags]);
    expect(sends).toEqual([
      ['"only a text"', undefined, 0],
      ['{"x":1}', undefined, 0],
      ['{"x":2}', 'chat', 0],
      ['"text"', 'chat', SendFlag.NoAck],
    ]);
  });

  it('has the state of its channel, which the client emits', () => {
    const statuses: unknown[] = [];
    client.on('channel', (status) => statuses.push(status));
    const handle = client.channel('room');
    expect(handle).toMatchObject({ name: 'room', state: 'joining', continuity: 'fresh' });
    report(engine).channel('room', 'ready', 'recovered');
    expect(handle).toMatchObject({ state: 'ready', continuity: 'recovered', error: null });
    report(engine).channel('room', 'failed', 'unknown', engineError('forbidden'));
    expect(handle.error).toBeInstanceOf(page.RealtimeError);
    expect(handle).toMatchObject({ state: 'failed', error: { code: 'forbidden' } });
    expect(statuses).toMatchObject([
      { channel: 'room', state: 'ready' },
      { channel: 'room', state: 'failed' },
    ]);
    expect(handle.stats()).toMatchObject({ key: 'room' });
  });

  it('counts as one subscriber until it is released, however often', () => {
    const callback = vi.fn();
    const [one, two] = [client.channel('room'), client.channel('room')];
    one.on('*', callback);
    one.release();
    one.release();
    expect(one.state).toBe('left');
    expect(two.state).toBe('joining');
    expect(engine.of('unsubscribe')).toHaveLength(1);
    report(engine).message('room', 1);
    expect(callback).not.toHaveBeenCalled();
  });
});

describe('the channel cap', () => {
  const reject = (method: string, [, channel]: unknown[]) => {
    if (method === 'subscribe' && channel === 'full') throw engineError('channel_limit');
  };

  it('throws at the call when the engine is loaded', () => {
    page.double.beforeEachCall(reject);
    expect(() => client.channel('full')).toThrow(page.RealtimeError);
    expect(() => client.subscribe('full', {})).toThrow(
      expect.objectContaining({ code: 'channel_limit' }),
    );
    expect(client.getMetrics()).toMatchObject({ messagesReceived: 7 });
  });

  it('is the error of the handle when the engine is not loaded', async () => {
    page.double.beforeEachCall(reject);
    const other = page.createRealtimeClient();
    const onError = vi.fn();
    const started = page.double.nextEngine();
    const handle = other.channel('full', { onError });
    other.subscribe('fine', {});
    const second = await started;
    expect(handle).toMatchObject({ state: 'failed', error: { code: 'channel_limit' } });
    expect(onError).toHaveBeenCalledWith(handle.error);
    expect(second.of('subscribe')).toHaveLength(1);
  });
});

it('gaps and errors of a channel reach its subscribers and the client', () => {
  const [onGap, onError, gap, error] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
  client.subscribe('a', { onGap, onError, params: { since: 1 } });
  client.on('gap', gap);
  client.on('error', error);
  report(engine).gap('a', { from: 3, to: 5, epoch: 'e' });
  report(engine).error(engineError('invalid_frame'), 'a');
  expect(onGap).toHaveBeenCalledWith({ channel: 'a', from: 3, to: 5, epoch: 'e' });
  expect(gap).toHaveBeenCalledWith(onGap.mock.calls[0]?.[0]);
  expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: 'invalid_frame' });
  expect(error).toHaveBeenCalledWith(onError.mock.calls[0]?.[0]);
  // The callbacks stay on this side of the boundary.
  expect(engine.of('subscribe').at(-1)?.[2]).toEqual({ params: { since: 1 } });
});

/** The snapshot, the events and the log of a client. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Kind, QUALITIES } from '../../pkg-template/src/generated/engine.js';
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

describe('the snapshot', () => {
  it('is the same object until something in it changed', () => {
    report(engine).state('ready');
    const before = client.getSnapshot();
    expect(client.getSnapshot()).toBe(before);
    report(engine).state('ready');
    report(engine).queue(0);
    report(engine).message('base', 1);
    expect(client.getSnapshot()).toBe(before);
    report(engine).queue(2);
    expect(client.getSnapshot()).not.toBe(before);
    expect(client.getSnapshot()).toMatchObject({ state: 'ready', queueDepth: 2 });
    expect(Object.isFrozen(client.getSnapshot())).toBe(true);
  });

  it('emits each change once', () => {
    const changes = vi.fn();
    const off = client.on('change', changes);
    report(engine).state('authenticating');
    report(engine).state('ready');
    report(engine).state('ready');
    off();
    report(engine).state('reconnecting');
    expect(changes.mock.calls.map(([{ state }]) => state)).toEqual(['authenticating', 'ready']);
  });

  it('works with detached methods of the client', () => {
    const { getSnapshot, on } = client;
    const off = on('change', () => {});
    expect(getSnapshot()).toBe(client.getSnapshot());
    off();
  });
});

it('each state has its reason and its older name', () => {
  const seen: unknown[] = [];
  client.on('state', (state, { from, reason }) =>
    seen.push([from, state, reason, client.getState()]),
  );
  report(engine).state('authenticating', 'opened');
  report(engine).state('ready', 'authenticated');
  report(engine).state('reconnecting', 'heartbeat_timeout', engineError('heartbeat_timeout'));
  report(engine).state('paused', 'hidden');
  report(engine).state('offline', 'offline');
  report(engine).state('failed', 'auth_denied', engineError('auth_denied'));
  expect(seen).toEqual([
    ['connecting', 'authenticating', 'opened', 'connected'],
    ['authenticating', 'ready', 'authenticated', 'authenticated'],
    ['ready', 'reconnecting', 'heartbeat_timeout', 'connecting'],
    ['reconnecting', 'paused', 'hidden', 'disconnected'],
    ['paused', 'offline', 'offline', 'disconnected'],
    ['offline', 'failed', 'auth_denied', 'error'],
  ]);
});

it('an error stays visible until the client is ready again', () => {
  const errors = vi.fn();
  client.on('error', errors);
  report(engine).state('reconnecting', 'connection_lost', engineError('connection_lost'));
  report(engine).state('connecting', 'retry');
  expect(client.error).toMatchObject({ code: 'connection_lost', hint: 'Do something.' });
  expect(errors).toHaveBeenCalledExactlyOnceWith(client.error);
  report(engine).state('ready');
  expect(client.error).toBeNull();
});

it('an error contains the message of the other side', () => {
  const cause = { code: 'maintenance', message: 'back at noon' };
  report(engine).error({ ...engineError('server_error'), cause, retryable: true });
  report(engine).state('reconnecting', 'server_error', { ...engineError('server_error'), cause });
  expect(client.error).toMatchObject({ message: 'It is server_error. (back at noon)', cause });
});

it('quality, queue and every message can be listened to', () => {
  const [quality, queue, message] = [vi.fn(), vi.fn(), vi.fn()];
  client.on('quality', quality);
  client.on('queue', queue);
  client.on('message', message);
  engine.sink(Kind.Quality, QUALITIES.indexOf('good'));
  report(engine).queue(3);
  report(engine).message('base', { x: 1 });
  expect(quality).toHaveBeenCalledWith('good');
  expect(client.quality).toBe('good');
  expect(queue).toHaveBeenCalledWith(3);
  expect(message).toHaveBeenCalledWith({ x: 1 }, expect.objectContaining({ channel: 'base' }));
});

it('metrics and channel stats are those of the engine', () => {
  expect(client.getMetrics()).toEqual({
    connectTime: null,
    disconnectTime: 0,
    totalUptime: 0,
    currentUptime: 0,
    connectionAttempts: 0,
    successfulConnections: 0,
    reconnects: 0,
    errors: 0,
    subscriberCount: 0,
    channelCount: 0,
    isConnected: true,
    messagesReceived: 7,
    messagesSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    duplicatesDropped: 0,
    gaps: 0,
    recovered: 0,
    queueDepth: 0,
    rtt: { last: null, p50: null, p99: null, jitter: null },
    invalidFrames: 0,
  });
  expect(client.getChannelStats()).toEqual({
    totalChannels: 1,
    channels: [
      {
        key: 'base',
        state: 'ready',
        continuity: 'recovered',
        referenceCount: 1,
        createdAt: 0,
        lastAccessedAt: 0,
        messagesReceived: 0,
        duplicatesDropped: 0,
        recovered: 0,
        messagesSent: 0,
        joins: 0,
        errors: 0,
        gaps: 0,
      },
    ],
  });
});

describe('logging', () => {
  it('is written to the console under [tidewire] while debug is set', () => {
    const info = vi.spyOn(console, 'info').mockReturnValue();
    report(engine).state('ready', 'authenticated');
    expect(info).not.toHaveBeenCalled();
    client.configure({ debug: true });
    report(engine).state('connecting', 'retry');
    expect(info).toHaveBeenCalledExactlyOnceWith(
      '[tidewire]',
      'state',
      expect.objectContaining({ level: 'info', state: 'connecting', reason: 'retry' }),
    );
    info.mockRestore();
  });

  it('is passed to the logger instead if there is one, errors by their codes', () => {
    const logger = vi.fn();
    client.configure({ logger });
    report(engine).state('failed', 'auth_denied', engineError('auth_denied'));
    report(engine).log(0, 'socket closed', 4001);
    expect(logger.mock.calls).toEqual([
      [expect.objectContaining({ level: 'warn', event: 'state', error: 'auth_denied' })],
      [expect.objectContaining({ level: 'debug', event: 'socket closed', code: 4001 })],
    ]);
  });
});

describe('a channel that failed before', () => {
  it('reports its error to each later subscriber, handle and collection at once, and only once', () => {
    const former = vi.fn();
    client.subscribe('room', { onError: former });
    report(engine).channel('room', 'failed', 'fresh', engineError('auth_denied'));
    const [subscribed, opened, shown] = [vi.fn(), vi.fn(), vi.fn()];
    client.subscribe('room', { onError: subscribed });
    const handle = client.channel('room', { onError: opened });
    const rows = client.collection('room', { onError: shown });
    for (const errors of [former, subscribed, opened, shown]) {
      expect(errors.mock.calls).toEqual([[expect.objectContaining({ code: 'auth_denied' })]]);
    }
    expect(handle).toMatchObject({ state: 'failed', error: { code: 'auth_denied' } });
    expect(rows.getSnapshot()).toMatchObject({ isLoading: false, error: { code: 'auth_denied' } });
    report(engine).channel('room', 'joining', 'fresh');
    expect([handle.error, rows.getSnapshot().error]).toEqual([null, null]);
  });
});

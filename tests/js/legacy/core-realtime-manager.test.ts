/** The older manager on the client, with an engine double. */
import { beforeEach, expect, it, vi } from 'vitest';
import { engineError, report } from '../page.js';
import { happen, members } from '../react/stage.js';
import { type Civic, freshCivic, tokenOf } from './civic-stage.js';

let civic: Civic;
let manager: Civic['core']['UnifiedWebSocketManager']['prototype'];

beforeEach(async () => {
  civic = await freshCivic();
  manager = civic.core.UnifiedWebSocketManager.getInstance();
  report(civic.engine).state('idle');
});

/** Connects, and the server accepts. */
async function connected(token?: string): Promise<void> {
  const done = manager.connect(token);
  report(civic.engine).state('connecting');
  report(civic.engine).state('ready');
  await done;
}

/** What was sent on a channel, parsed. */
const sent = (channel: string) =>
  civic.engine
    .of('send')
    .filter(([, name]) => name === channel)
    .map(([, , text]) => JSON.parse(String(text)));

it('there is one manager, with the first configuration', async () => {
  const { UnifiedWebSocketManager } = civic.core;
  expect(UnifiedWebSocketManager.getInstance({ url: 'ws://other' })).toBe(manager);
  await connected();
  expect(civic.engine.of('configure')).toEqual([]);
});

it('ids of subscriptions have the older format, and each ends its own subscription', async () => {
  const [first, second] = [vi.fn(), vi.fn()];
  const id = manager.subscribe('bill:1', first);
  manager.subscribe('bill:1', second);
  expect(id).toMatch(/^sub_\d+_[a-z0-9]{9}$/);
  expect(manager.getSubscriptionCount()).toBe(2);
  await connected();
  expect(members(civic.engine, 'bill:1')).toHaveLength(1);
  manager.unsubscribe(id);
  manager.unsubscribe(id);
  report(civic.engine).message('bill:1', { bill_id: 1 }, 'bill_update');
  expect(first).not.toHaveBeenCalled();
  expect(second).toHaveBeenCalledOnce();
});

it('after a reconnect there are as many subscriptions as before, and each receives once', async () => {
  const received = vi.fn();
  manager.subscribe('bill:1', received);
  await connected();
  report(civic.engine).state('reconnecting', 'heartbeat_timeout', engineError('heartbeat_timeout'));
  expect(manager.getConnectionState()).toBe('reconnecting');
  report(civic.engine).state('ready');
  expect(manager.getSubscriptionCount()).toBe(1);
  expect(members(civic.engine, 'bill:1')).toHaveLength(1);
  report(civic.engine).message('bill:1', {}, 'bill_update');
  expect(received).toHaveBeenCalledOnce();
});

it('the last unsubscribe of a topic leaves its channel', async () => {
  await connected();
  const id = manager.subscribe('bill:1', () => {});
  expect(members(civic.engine, 'bill:1')).toHaveLength(1);
  manager.unsubscribe(id);
  expect(members(civic.engine, 'bill:1')).toEqual([]);
});

it('a message without a topic is routed by its ids', async () => {
  const received: [topic: string, type: unknown][] = [];
  for (const topic of ['bill:2', 'discussion:3', 'community:x', 'user_notifications', '*']) {
    manager.subscribe(topic, ({ type }) => received.push([topic, type]));
  }
  manager.subscribe('bill:1', () => {});
  await connected();
  const { message } = report(civic.engine);
  message('bill:1', { type: 'bill_update', bill_id: 2 });
  message('bill:1', { type: 'comment_update', data: { billId: 3 } });
  message('bill:1', { type: 'community_update', discussionId: 'x' });
  message('bill:1', { type: 'notification' });
  message('bill:1', { type: 'pong' });
  expect(received.filter(([topic]) => topic !== '*')).toEqual([
    ['bill:2', 'bill_update'],
    ['discussion:3', 'comment_update'],
    ['community:x', 'community_update'],
    ['user_notifications', 'notification'],
  ]);
  expect(received).toHaveLength(8);
});

it('notifications are one topic, with an id or without', async () => {
  const received = vi.fn();
  manager.subscribe('user_notifications', received);
  manager.subscribe('user_notifications:7', received);
  await connected();
  report(civic.engine).message('user_notifications', { type: 'notification' });
  report(civic.engine).message('user_notifications', {
    type: 'notification',
    topic: 'user_notifications:7',
  });
  expect(received).toHaveBeenCalledTimes(4);
});

it('filters are on the fields of the message, an array meaning any of them', async () => {
  const received: unknown[] = [];
  manager.subscribe('bill:1', ({ n }) => received.push(n), {
    filters: { level: [1, 2], open: true },
  });
  await connected();
  for (const fields of [
    { n: 1, level: 1, open: true },
    { n: 2, level: 3, open: true },
    { n: 3, level: 2, open: false },
    { n: 4, level: 2, open: true },
  ]) {
    report(civic.engine).message('bill:1', fields, 'bill_update');
  }
  expect(received).toEqual([1, 4]);
});

it('a subscriber that throws does not affect others', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  const received = vi.fn();
  manager.subscribe('bill:1', () => {
    throw Error('no');
  });
  manager.subscribe('bill:1', received);
  await connected();
  report(civic.engine).message('bill:1', {}, 'bill_update');
  expect(received).toHaveBeenCalledOnce();
  expect(log).toHaveBeenCalledOnce();
});

it('messages sent before connect are queued, the last hundred of them', async () => {
  for (let n = 0; n < 105; n++) manager.send({ type: 'note', topic: 'bill:1', n });
  expect(civic.engine.of('send')).toEqual([]);
  await connected();
  const numbers = sent('bill:1').map(({ n }) => n);
  expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([100, 5, 104]);
});

it('a message above 1 MiB is rejected at the call', () => {
  const text = 'x'.repeat(1_048_576);
  expect(() => manager.send({ type: 'note', text })).toThrow(/1048576 bytes/);
});

it('sends to the topic of the ids, with the sender', async () => {
  await connected(tokenOf('ann'));
  manager.send({ type: 'comment_update', data: { billId: 1, text: 'hi' } });
  manager.send({ type: 'clear_all_notifications', data: {} });
  expect(sent('discussion:1')).toEqual([
    { user_id: 'ann', type: 'comment_update', data: { billId: 1, text: 'hi' } },
  ]);
  expect(sent('user_notifications')).toHaveLength(1);
});

it('calls with the same token share one connection attempt', async () => {
  const [first, second] = [manager.connect('a'), manager.connect('a')];
  report(civic.engine).state('connecting');
  expect(manager.getConnectionState()).toBe('connecting');
  report(civic.engine).state('ready');
  await Promise.all([first, second]);
  await manager.connect('a');
  expect(civic.engine.of('setToken')).toHaveLength(1);
  await manager.connect('b');
  expect(civic.engine.of('setToken')).toHaveLength(2);
  expect(manager.isConnected()).toBe(true);
});

it('a failed attempt rejects, is reported once, and is retried', async () => {
  const [failed, up] = [vi.fn(), vi.fn()];
  manager.on('error', failed);
  manager.on('connected', up);
  const attempt = manager.connect();
  report(civic.engine).state('reconnecting', 'connect_refused', engineError('connect_refused'));
  await expect(attempt).rejects.toMatchObject({ code: 'connect_refused' });
  expect(failed).toHaveBeenCalledOnce();
  expect(manager.getConnectionState()).toBe('reconnecting');
  report(civic.engine).state('reconnecting', 'connect_refused', engineError('connect_refused'));
  report(civic.engine).state('ready');
  await happen();
  expect(up).toHaveBeenCalledOnce();
  expect(manager.isConnected()).toBe(true);
});

it('emits connected and disconnected, once each', async () => {
  const reported: unknown[] = [];
  for (const event of ['connected', 'disconnected', 'connectionChange']) {
    manager.on(event, (value) => reported.push([event, value]));
  }
  await connected();
  report(civic.engine).state('reconnecting');
  report(civic.engine).state('ready');
  manager.disconnect();
  await happen();
  const up = [
    ['connected', undefined],
    ['connectionChange', true],
  ];
  const down = [
    ['disconnected', undefined],
    ['connectionChange', false],
  ];
  expect(reported).toEqual([...up, ...down, ...up, ...down]);
});

it('disconnect drops subscriptions and queued messages, and keeps the connection of others', async () => {
  await connected();
  const others = vi.spyOn(civic.realtimeClient, 'getMetrics');
  others.mockReturnValue({ ...civic.realtimeClient.getMetrics(), subscriberCount: 1 });
  manager.subscribe('bill:1', () => {});
  manager.disconnect();
  expect(manager.getSubscriptionCount()).toBe(0);
  expect(members(civic.engine, 'bill:1')).toEqual([]);
  expect(manager.getConnectionState()).toBe('disconnected');
  expect(civic.engine.of('disconnect')).toEqual([]);

  await connected();
  others.mockReturnValue({ ...civic.realtimeClient.getMetrics(), subscriberCount: 0 });
  manager.disconnect();
  expect(civic.engine.of('disconnect')).toHaveLength(1);
});

it('typing in a channel is emitted with the thread, and ends when the client reports it', async () => {
  const received: unknown[] = [];
  manager.subscribe('discussion:1', ({ type, user_id, parent_id, is_typing }) =>
    received.push([type, user_id, parent_id, is_typing]),
  );
  await connected(tokenOf('ann'));
  const { message, typing } = report(civic.engine);
  message('discussion:1', { user_id: 'bob', data: { billId: 1, parentId: 'c' } }, 'typing_start');
  typing('discussion:1', 'bob', 'cid');
  // Bob starts another reply, which ends the first one.
  message('discussion:1', { user_id: 'bob', data: { billId: 1, parentId: 'd' } }, 'typing_start');
  typing('discussion:1');
  typing('discussion:1', 'bob');
  expect(received).toEqual(
    [
      ['bob', 'c', true],
      ['cid', undefined, true],
      ['bob', 'c', false],
      ['bob', 'd', true],
      ['bob', 'd', false],
      ['cid', undefined, false],
      ['bob', 'd', true],
    ].map((rest) => ['typing_indicator', ...rest]),
  );

  manager.send({ type: 'typing_start', data: { billId: 1, parentId: 'c' } });
  manager.send({ type: 'typing_start', data: { billId: 1, parentId: 'c' } });
  manager.send({ type: 'typing_stop', data: { billId: 1, parentId: 'c' } });
  manager.send({ type: 'typing_start', data: { billId: 1 } });
  const threads = sent('discussion:1').map(({ data }) => data.parentId);
  expect(threads).toEqual(['c', undefined]);
  expect(sent('discussion:1')[0]).toMatchObject({ type: 'typing_start', user_id: 'ann' });
  expect(civic.engine.of('typing').map(([, typing]) => typing)).toEqual([true, true, false, true]);
});

it('typing without a subscription joins until it stops', async () => {
  await connected();
  manager.send({ type: 'typing_start', data: { billId: 4 } });
  expect(members(civic.engine, 'discussion:4')).toHaveLength(1);
  manager.send({ type: 'typing_stop', data: { billId: 4 } });
  expect(members(civic.engine, 'discussion:4')).toEqual([]);
});

it('changed rows of the reference server’s tables are converted to the older messages', async () => {
  civic.configureLegacy({
    client: civic.realtimeClient,
    auth: () => ({ user: { id: 'ann' } }),
    topics: civic.core.domainTopics,
  });
  const received: unknown[] = [];
  manager.subscribe('*', ({ topic: _, ...message }) => received.push(message));
  for (const topic of [
    'discussion:1',
    'expert:updates',
    'moderation:events',
    'user_notifications',
    'bill:1',
  ]) {
    manager.subscribe(topic, () => {});
  }
  await connected();
  const { message } = report(civic.engine);
  const row = { id: 'r', parent_id: 'p', choice: 'oppose', updated_at: 'now', created_at: 'then' };
  message('comments:1', { row }, 'insert');
  message('comments:1', { key: 'r' }, 'delete');
  message('votes:1', { row }, 'update');
  message('experts', { row }, 'update');
  message('moderation', { row }, 'insert');
  message('notifications:ann', { row }, 'insert');
  message('notifications:ann', { row: { ...row, read: true } }, 'update');
  message('notifications:ann', { key: 'r' }, 'delete');
  const about = { bill_id: '1', timestamp: 'now' };
  expect(received).toEqual([
    {
      ...about,
      type: 'comment_update',
      comment_id: 'r',
      parent_id: 'p',
      action: 'created',
      data: row,
    },
    {
      type: 'comment_update',
      bill_id: '1',
      comment_id: 'r',
      action: 'deleted',
      data: { id: 'r' },
    },
    { ...about, type: 'vote_update', user_id: 'r', vote_type: 'oppose' },
    { type: 'expert_activity', data: row },
    { type: 'moderation_event', data: row },
    { type: 'notification', notification_id: 'r', notification: { timestamp: 'then', ...row } },
    { type: 'notification_read', notification_id: 'r' },
    { type: 'notification_clear', notification_id: 'r' },
  ]);
});

/** The older registry and managers, with an engine double. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { RowChange } from '../../../pkg-template/src/legacy/interviews/index.js';
import { engineError, report } from '../page.js';
import { happen, members } from '../react/stage.js';
import { type LegacyStage, legacyStage } from './stage.js';

let stage: LegacyStage;

beforeEach(async () => {
  stage = await legacyStage('supabase');
});

const CHANNEL = 'company-acme-project-p1';

const drop = (channel: string) =>
  happen(() =>
    report(stage.engine).channel(channel, 'joining', 'fresh', undefined, 'connection_down'),
  );

it('concurrent calls get the same channel; references are counted, and never below zero', async () => {
  const { channelRegistry } = stage.interviews;
  const requested = [0, 1, 2].map(() => channelRegistry.getOrCreateChannel('acme', 'p1'));
  await stage.join(CHANNEL);
  const channels = await Promise.all(requested);
  expect(new Set(channels).size).toBe(1);
  expect(members(stage.engine, CHANNEL)).toHaveLength(1);
  const count = () => channelRegistry.getChannelStats().channels[0]?.referenceCount;
  expect(count()).toBe(3);
  for (let times = 0; times < 5; times++) channelRegistry.releaseChannel('acme', 'p1');
  expect(count()).toBe(0);
});

it('a released channel stays open, and the next call returns it at once', async () => {
  const { channelRegistry } = stage.interviews;
  const requested = channelRegistry.getOrCreateChannel('acme', 'p1');
  await stage.join(CHANNEL);
  await requested;
  const [options] = stage.engine
    .of('subscribe')
    .filter(([, name]) => name === CHANNEL)
    .map(([, , given]) => given);
  expect(options).toMatchObject({ persistent: true });
  channelRegistry.releaseChannel('acme', 'p1');
  expect(channelRegistry.getChannelStats()).toMatchObject({
    totalChannels: 1,
    channels: [
      { key: CHANNEL, companyId: 'acme', projectId: 'p1', state: 'connected', referenceCount: 0 },
    ],
  });
  await channelRegistry.getOrCreateChannel('acme', 'p1');
  expect(channelRegistry.getChannelStats().channels[0]?.referenceCount).toBe(1);
});

it('a company’s own channel is not that of its projects, and closing one closes it alone', async () => {
  const { channelRegistry } = stage.interviews;
  const requested = [
    channelRegistry.getOrCreateChannel('acme'),
    channelRegistry.getOrCreateChannel('acme', 'p1'),
  ];
  await stage.join('company-acme');
  await stage.join(CHANNEL);
  expect((await Promise.all(requested)).map(({ subTopic }) => subTopic)).toEqual([
    'company-acme',
    CHANNEL,
  ]);
  await channelRegistry.closeChannel('acme');
  expect(channelRegistry.getChannelStats().channels.map(({ key }) => key)).toEqual([CHANNEL]);
  expect(members(stage.engine, 'company-acme')).toEqual([]);
  // It does not stay open for the idle time.
  expect(stage.engine.of('subscribe').at(-1)?.slice(1)).toEqual([
    'company-acme',
    { persistent: true, idleTtlMs: 0 },
  ]);
  channelRegistry.destroy();
  expect(channelRegistry.getChannelStats().totalChannels).toBe(0);
  await channelRegistry.closeAllChannels();
});

it('a channel above the limit, or one that failed, is not registered', async () => {
  const { channelRegistry } = stage.interviews;
  stage.double.beforeEachCall((method, [, name]) => {
    if (method === 'subscribe' && name === CHANNEL) throw engineError('channel_limit');
  });
  await expect(channelRegistry.getOrCreateChannel('acme', 'p1')).rejects.toMatchObject({
    code: 'channel_limit',
  });
  expect(channelRegistry.getChannelStats().totalChannels).toBe(0);
  const failing = channelRegistry.getOrCreateChannel('acme', 'p2');
  const other = 'company-acme-project-p2';
  const outcome = failing.catch(({ code }) => code);
  await happen(() =>
    report(stage.engine).channel(
      other,
      'failed',
      'fresh',
      engineError('forbidden'),
      'join_refused',
    ),
  );
  expect(await outcome).toBe('forbidden');
  expect(channelRegistry.getChannelStats().totalChannels).toBe(0);
  expect(members(stage.engine, other)).toEqual([]);
});

it('a connection emits each state, drops included, and reconnects without another connect', async () => {
  const { ConnectionManager } = stage.interviews;
  const manager = new ConnectionManager('room', 5, 1000, 30000, true);
  const reported: string[] = [];
  manager.on('stateChange', ({ from, to }) => reported.push(`${from} → ${to}`));
  for (const event of ['connected', 'disconnected', 'error'] as const) {
    manager.on(event, () => reported.push(event));
  }
  const connecting = Promise.all([manager.connect(), manager.connect()]);
  await stage.join('room');
  await connecting;
  expect(manager.getState()).toBe('connected');
  await drop('room');
  expect(manager.getState()).toBe('connecting');
  await stage.join('room');
  await manager.disconnect();
  expect(reported).toEqual([
    'disconnected → connecting',
    'connecting → connected',
    'connected',
    'connected → connecting',
    'disconnected',
    'connecting → connected',
    'connected',
    'connected → disconnected',
    'disconnected',
  ]);
  expect(manager.getStats()).toMatchObject({
    reconnectAttempts: 1,
    connectedAt: expect.any(Number),
    disconnectedAt: expect.any(Number),
    latency: expect.any(Number),
  });
  expect(manager.getChannel()).toBeNull();
});

it('a failed connection rejects with the error, and can be retried; a destroyed one cannot', async () => {
  const { ConnectionManager } = stage.interviews;
  const manager = new ConnectionManager('room');
  const failed = vi.fn();
  manager.on('error', failed);
  const outcome = manager.connect().catch(({ code }) => code);
  await happen(() =>
    report(stage.engine).channel(
      'room',
      'failed',
      'fresh',
      engineError('forbidden'),
      'join_refused',
    ),
  );
  expect(await outcome).toBe('forbidden');
  expect(manager.getState()).toBe('error');
  expect(failed.mock.calls).toEqual([[expect.objectContaining({ code: 'forbidden' })]]);
  expect(manager.getStats().lastError).toMatchObject({ code: 'forbidden' });
  // The engine joins again for the next subscriber.
  report(stage.engine).channel('room', 'left', 'fresh');
  const again = manager.connect();
  expect(manager.getState()).toBe('connecting');
  await stage.join('room');
  await again;
  expect(manager.getState()).toBe('connected');
  manager.destroy();
  expect(members(stage.engine, 'room')).toEqual([]);
  await expect(manager.connect()).rejects.toThrow('destroyed');
});

/** The rows of the three tables, as the engine reports them. */
function reportRows(rows: { interviews?: object[]; notes?: object[]; replies?: object[] }): void {
  const opened = stage.engine.of('openCollection').map(([number]) => number);
  for (const [at, list] of [rows.interviews, rows.notes, rows.replies].entries()) {
    if (list) report(stage.engine).collection(opened[at], { rows: list as { id: string }[] });
  }
}

async function synced(batching: boolean) {
  const { DataSyncManager } = stage.interviews;
  const manager = new DataSyncManager('p1', 'acme', batching, 50);
  manager.attachToChannel({ topic: `realtime:${CHANNEL}` });
  const loading = manager.loadInitialData();
  expect(manager.getSyncState()).toMatchObject({ isSyncing: true, pendingChanges: 0, errors: [] });
  reportRows({ interviews: [{ id: '1', title: 'one' }], notes: [], replies: [] });
  return { manager, data: await loading };
}

it('rows are subscribed with the channel’s filters, and the initial rows are not changes', async () => {
  const { DataSyncManager } = stage.interviews;
  const reported = vi.fn();
  const manager = new DataSyncManager('p1', 'acme');
  for (const event of ['syncStart', 'dataLoaded', 'syncEnd', 'interviews:batchInsert'] as const) {
    manager.on(event, () => reported(event));
  }
  manager.attachToChannel({ name: CHANNEL });
  reportRows({ interviews: [{ id: '1', title: 'one' }], notes: [], replies: [] });
  expect(reported.mock.calls.flat()).toEqual(['syncStart', 'dataLoaded', 'syncEnd']);
  expect(manager.getSyncState()).toMatchObject({
    isSyncing: false,
    lastSyncedAt: expect.any(Date),
  });
  const joins = stage.engine.of('openCollection').map(([, , name, options]) => [name, options]);
  expect(joins).toEqual(
    [
      { table: 'interviews', filter: 'project_id=eq.p1' },
      { table: 'interview_notes' },
      { table: 'interview_note_replies' },
    ].map((filter) => [CHANNEL, { postgresChanges: [{ schema: 'public', ...filter }] }]),
  );
  manager.destroy();
});

it('batches: the changes of a window are emitted together, a row once in its final state', async () => {
  const { manager, data } = await synced(true);
  expect(data.interviews).toMatchObject([{ id: '1', title: 'one', note_count: 0 }]);
  expect(manager.batchDelay).toBe(50);
  const reported: [string, RowChange[]][] = [];
  for (const kind of ['batchInsert', 'batchUpdate', 'batchDelete'] as const) {
    manager.on(`interviews:${kind}`, (changes) => reported.push([kind, changes]));
  }
  // Within the window it was inserted, and updated twice.
  const second = { id: '2', title: 'third title' };
  reportRows({ interviews: [{ id: '1', title: 'uno' }, second] });
  expect(reported).toMatchObject([
    ['batchInsert', [{ eventType: 'INSERT', new: { id: '2', title: 'third title' }, old: {} }]],
    ['batchUpdate', [{ eventType: 'UPDATE', new: { title: 'uno' }, old: { title: 'one' } }]],
  ]);
  reported.length = 0;
  reportRows({ interviews: [second] });
  expect(reported).toMatchObject([['batchDelete', [{ eventType: 'DELETE', old: { id: '1' } }]]]);
  manager.destroy();
});

it('one by one: each change has its own event', async () => {
  const { manager } = await synced(false);
  const reported = vi.fn();
  for (const kind of ['insert', 'update', 'delete'] as const) {
    manager.on(`interview_notes:${kind}`, (change: RowChange) => reported(kind, change.eventType));
  }
  reportRows({ notes: [{ id: 'n', interview_id: '1', content: 'x' }] });
  reportRows({ notes: [{ id: 'n', interview_id: '1', content: 'y' }] });
  reportRows({ notes: [] });
  expect(reported.mock.calls).toEqual([
    ['insert', 'INSERT'],
    ['update', 'UPDATE'],
    ['delete', 'DELETE'],
  ]);
  manager.destroy();
});

it('maxRetries: loading stops after more failures; unsettled changes are counted', async () => {
  const { DataSyncManager } = stage.interviews;
  const manager = new DataSyncManager('p1', 'acme', true, 100, 1);
  const failures = vi.fn();
  manager.on('syncError', failures);
  const outcome = manager.loadInitialData().catch((error: Error) => error.message);
  stage.data.load.mockRejectedValue(Error('unreachable'));
  const [collection] = stage.engine.of('openCollection').map(([number]) => number);
  report(stage.engine).request(collection, 'Load', 1);
  await vi.waitFor(() => expect(failures).toHaveBeenCalledOnce());
  expect(manager.getSyncState()).toMatchObject({ isSyncing: true, errors: [Error('unreachable')] });
  report(stage.engine).request(collection, 'Load', 2);
  expect(await outcome).toBe('unreachable');
  report(stage.engine).queue(2);
  expect(manager.getSyncState().pendingChanges).toBe(2);
  manager.destroy();
});

it('forceSync loads everything again', async () => {
  const { manager } = await synced(true);
  const opened = stage.engine.of('openCollection').map(([number]) => number);
  const done = vi.fn();
  void manager.forceSync().then(done);
  expect(stage.engine.of('reload').flat()).toEqual(opened);
  expect(manager.getSyncState().isSyncing).toBe(true);
  for (const [at, number] of opened.entries()) report(stage.engine).request(number, 'Load', at + 1);
  await vi.waitFor(() => expect(done).toHaveBeenCalled());
  expect(manager.getSyncState().isSyncing).toBe(false);
  manager.destroy();
});

const meta = (user: string, interview: string, more: object = {}) => ({
  user_id: user,
  user_name: user,
  interview_id: interview,
  online_at: '2026-01-01T00:00:00.000Z',
  ...more,
});

/** Reports a join or an update of presence, by key: one entry per tab. */
const joins = (key: string, ...metas: object[]) =>
  report(stage.engine).presence(CHANNEL, ['join', key, metas, metas]);

it.each(['constructor', '__proto__'])(
  'presence: an interview with the id %s is one like others',
  (id) => {
    const manager = new stage.interviews.PresenceManager();
    manager.attachToChannel({ name: CHANNEL });
    const joined = vi.fn();
    manager.on('userJoined', joined);
    joins('tab-1', meta('ann', id));
    expect(joined).toHaveBeenCalledExactlyOnceWith({
      interviewId: id,
      user: expect.objectContaining({ userId: 'ann' }),
    });
    manager.destroy();
  },
);

it('emit returns whether there was a listener, also if it was for this event only', () => {
  const manager = new stage.interviews.PresenceManager();
  const event = { interviewId: 'i1', user: { userId: 'ann' } };
  manager.once('userJoined', () => {});
  expect(manager.emit('userJoined', event)).toBe(true);
  expect(manager.emit('userJoined', event)).toBe(false);
});

it('presence: one entry per user and interview for any number of tabs, removed with the last one', async () => {
  const { PresenceManager } = stage.interviews;
  const manager = new PresenceManager(30000, 90000, 2);
  manager.attachToChannel({ name: CHANNEL });
  const reported: unknown[] = [];
  manager.on('userJoined', ({ interviewId, user }) =>
    reported.push(['+', interviewId, user.userId]),
  );
  manager.on('userLeft', ({ interviewId, user }) => reported.push(['-', interviewId, user.userId]));
  const synced = vi.fn();
  manager.on('presenceSync', synced);
  joins('tab-1', meta('ann', 'i1', { desk: 4 }));
  joins('tab-2', meta('ann', 'i1'));
  expect(manager.getInterviewPresence('i1')).toEqual([
    {
      userId: 'ann',
      userName: 'ann',
      interviewId: 'i1',
      onlineAt: new Date('2026-01-01'),
      metadata: { desk: 4 },
    },
  ]);
  report(stage.engine).presence(CHANNEL, ['leave', 'tab-1', [], []]);
  expect(manager.getInterviewPresence('i1')).toHaveLength(1);
  // Without further messages they stay until the server reports that they have left.
  expect(manager.getInterviewPresence('i1')[0]?.userId).toBe('ann');
  // At most the limit of entries per interview, whenever they join.
  joins('bob', meta('bob', 'i1'));
  joins('cy', meta('cy', 'i1'));
  expect(manager.getInterviewPresence('i1').map(({ userId }) => userId)).toEqual(['ann', 'bob']);
  report(stage.engine).presence(CHANNEL, ['leave', 'tab-2', [], []]);
  expect([...manager.getAllPresence().keys()]).toEqual(['i1']);
  expect(reported).toEqual([
    ['+', 'i1', 'ann'],
    ['+', 'i1', 'bob'],
    ['-', 'i1', 'ann'],
    ['+', 'i1', 'cy'],
  ]);
  expect(synced.mock.calls.at(-1)?.[0]).toBeInstanceOf(Map);
  manager.destroy();
  expect(manager.getAllPresence().size).toBe(0);
});

it('presence: nothing is tracked on a channel that is not joined; metas are flat', async () => {
  const { PresenceManager } = stage.interviews;
  const manager = new PresenceManager();
  const user = { userId: 'ann', userName: 'Ann', interviewId: 'i1', metadata: { desk: 4 } };
  await expect(manager.trackUser(user)).rejects.toThrow('Channel not connected');
  manager.attachToChannel({ name: CHANNEL });
  await expect(manager.trackUser(user)).rejects.toThrow('Channel not connected');
  await stage.join(CHANNEL);
  const tracked = manager.trackUser(user);
  const [number, , , , meta] = stage.engine.of('presence').at(-1) ?? [];
  expect(JSON.parse(meta as string)).toEqual({
    user_id: 'ann',
    user_name: 'Ann',
    interview_id: 'i1',
    online_at: expect.stringMatching(/Z$/),
    desk: 4,
  });
  report(stage.engine).send(number, 'acked', { confirmed: true });
  await tracked;
  const gone = manager.untrackUser();
  report(stage.engine).send(stage.engine.of('presence').at(-1)?.[0], 'acked', { confirmed: true });
  await gone;
});

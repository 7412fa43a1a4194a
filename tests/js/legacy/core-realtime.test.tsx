/** The older civic hooks: updated by events, shared by components, without exceptions. */
import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Kind, QUALITIES } from '../../../pkg-template/src/generated/engine.js';
import { engineError, report } from '../page.js';
import { happen, members, mount, reactWarnings } from '../react/stage.js';
import { type Civic, freshCivic } from './civic-stage.js';

let civic: Civic;
let service: Civic['core']['realTimeService'];

beforeEach(async () => {
  civic = await freshCivic();
  service = civic.core.realTimeService;
  report(civic.engine).state('idle');
});

/** Initialises the service as the documentation does; the server accepts. */
async function initialize(): Promise<void> {
  const done = service.initialize('test-token');
  report(civic.engine).state('connecting');
  report(civic.engine).state('ready');
  await done;
}

/** Renders a hook; `view` is what it returned last. */
async function use<T>(hook: () => T) {
  const shown = { view: undefined as T, renders: 0 };
  const Component = () => {
    shown.view = hook();
    shown.renders += 1;
    return null;
  };
  return Object.assign(shown, await mount(<Component />));
}

const message = (channel: string, payload: unknown, event?: string) =>
  happen(() => {
    report(civic.engine).message(channel, payload, event);
    report(civic.engine).batch();
  });

describe('Real-time Integration', () => {
  beforeEach(initialize);

  it('should handle end-to-end bill tracking', async () => {
    const billService = service.getBillTrackingService();
    billService.subscribeToBill(123);
    const mockMessage = {
      type: 'bill_update',
      bill_id: 123,
      update: { type: 'status_change', data: { newStatus: 'passed' } },
    };
    report(civic.engine).message('bill:123', mockMessage);
    const updates = billService.getBillUpdates(123);
    expect(updates).toHaveLength(1);
    expect(updates[0]?.data.newStatus).toBe('passed');
    await service.shutdown();
    expect(service.getStats()).toMatchObject({ isConnected: false, subscriptionCount: 0 });
    expect(members(civic.engine, 'bill:123')).toEqual([]);
  });
});

it('the service is started once, and again after shutdown', async () => {
  const [first, second] = [service.initialize('test-token'), service.initialize('test-token')];
  expect(first).toBe(second);
  report(civic.engine).state('ready');
  await first;
  expect(civic.engine.of('setToken')).toHaveLength(1);
  await service.shutdown();
  await initialize();
  expect(service.isConnected()).toBe(true);
  expect(service.getStats().notificationSubscriptions).toBe(1);
});

it('a failed initialize rejects, and may be retried', async () => {
  const failing = service.initialize();
  report(civic.engine).state('connecting');
  report(civic.engine).state('reconnecting', 'connect_refused', engineError('connect_refused'));
  await expect(failing).rejects.toMatchObject({ code: 'connect_refused' });
  // The client retries, and the services exist when it succeeds.
  expect(service.getStats().notificationSubscriptions).toBe(1);
  await initialize();
  expect(service.getConnectionState()).toBe('connected');
});

it('subscriptions survive a disconnect, under the same ids and once', async () => {
  await initialize();
  const id = service.subscribe({ type: 'bill', id: 1 });
  service.getBillTrackingService().subscribeToBill(2);
  service.disconnect();
  expect(members(civic.engine, 'bill:1')).toEqual([]);
  const done = service.connect();
  report(civic.engine).state('ready');
  await done;
  expect(members(civic.engine, 'bill:1')).toHaveLength(1);
  expect(members(civic.engine, 'bill:2')).toHaveLength(1);
  service.unsubscribe(id);
  expect(members(civic.engine, 'bill:1')).toEqual([]);
});

it('an update that is received by two subscriptions is stored once', async () => {
  await initialize();
  service.subscribe({ type: 'bill', id: 1 });
  service.getBillTrackingService().subscribeToBill(1);
  report(civic.engine).message('bill:1', { bill_id: 1 }, 'amendment');
  expect(service.getBillTrackingService().getBillUpdates(1)).toHaveLength(1);
});

it('all five events of the hooks are emitted, and all eight handlers called', async () => {
  await initialize();
  const reported: string[] = [];
  for (const event of [
    'connectionChange',
    'billUpdate',
    'engagementUpdate',
    'typingIndicator',
    'commentUpdate',
  ]) {
    service.on(event, () => reported.push(event));
  }
  const names = [
    'onConnectionChange',
    'onError',
    'onBillUpdate',
    'onCommunityUpdate',
    'onNotification',
    'onTypingIndicator',
    'onCommentUpdate',
    'onVoteUpdate',
  ] as const;
  const handlers = Object.fromEntries(names.map((name) => [name, vi.fn()]));
  service.setHandlers(handlers);
  for (const topic of ['bill:1', 'discussion:1', 'community:x']) {
    service.getWebSocketManager().subscribe(topic, () => {});
  }
  service.subscribe({ type: 'bill', id: 1 });
  service.subscribe({ type: 'community', id: 'x' });
  service.getCommunityService().subscribeToDiscussion(1);
  await message('bill:1', { bill_id: 1 }, 'amendment');
  await message('bill:1', { bill_id: 1, view_count: 1 }, 'engagement');
  await happen(() => report(civic.engine).typing('discussion:1', 'bob'));
  await message('discussion:1', { data: { billId: 1 } }, 'comment_update');
  await message('discussion:1', { bill_id: 1 }, 'vote_update');
  await message('community:x', {}, 'community_update');
  await message('user_notifications', {}, 'notification');
  await happen(() =>
    report(civic.engine).state('reconnecting', 'connection_lost', engineError('connection_lost')),
  );
  expect(reported).toEqual([
    'billUpdate',
    'engagementUpdate',
    'typingIndicator',
    'commentUpdate',
    'connectionChange',
  ]);
  for (const name of names) expect(handlers[name], name).toHaveBeenCalledOnce();
  expect(handlers.onConnectionChange).toHaveBeenCalledWith('reconnecting');
});

it('the hooks set no timer, and return only received data', async () => {
  const interval = vi.spyOn(globalThis, 'setInterval');
  const timeout = vi.spyOn(globalThis, 'setTimeout');
  const { useBillTracking, useCommunityRealTime, useWebSocket } = civic.core;
  const shown = await use(() => ({
    bills: useBillTracking(),
    community: useCommunityRealTime(),
    socket: useWebSocket({ subscriptions: [{ type: 'bill', id: 1 }] }),
  }));
  await happen(initialize);
  await happen(() => shown.view.community.sendTypingIndicator(1));
  expect(shown.view.socket.isConnected).toBe(true);
  expect(interval).not.toHaveBeenCalled();
  // Timers without a delay are React's.
  for (const [, wait] of timeout.mock.calls) expect(wait ?? 0).toBe(0);
  expect(shown.view.socket.notifications).toEqual([]);
  expect(shown.view.socket.getRecentActivity()).toEqual([]);
});

it('useBillTracking follows bills and the connection, once a batch', async () => {
  const { useBillTracking } = civic.core;
  const shown = await use(useBillTracking);
  expect(shown.view.isConnected).toBe(false);
  await happen(() => {
    shown.view.subscribeToBill(1);
    shown.view.subscribeToBill(2);
    shown.view.subscribeToBill(2);
  });
  // Before there is a connection no channel is joined.
  expect(members(civic.engine, 'bill:1')).toEqual([]);
  await happen(initialize);
  expect(shown.view.isConnected).toBe(true);
  expect([...shown.view.subscribedBills]).toEqual([1, 2]);
  expect(members(civic.engine, 'bill:2')).toHaveLength(1);
  const before = shown.renders;
  await happen(() => {
    for (let n = 0; n < 20; n++)
      report(civic.engine).message('bill:1', { bill_id: 1, n }, 'update');
  });
  expect(shown.renders).toBe(before);
  await happen(() => report(civic.engine).batch());
  expect(shown.renders).toBe(before + 1);
  expect(shown.view.getBillUpdates(1)).toHaveLength(20);
  expect(shown.view.billUpdates.get(1)).toBe(shown.view.getBillUpdates(1));
  expect(shown.view.getEngagementMetrics(1)).toBeNull();
  await happen(() => shown.view.unsubscribeFromBill(1));
  expect([...shown.view.subscribedBills]).toEqual([2]);
  expect(members(civic.engine, 'bill:1')).toEqual([]);
  expect(members(civic.engine, 'bill:2')).toHaveLength(1);
  await shown.unmount();
  expect(members(civic.engine, 'bill:2')).toEqual([]);
});

it('two components share a bill, and unmounting one keeps it for the other; so in StrictMode', async () => {
  await initialize();
  const { useBillTracking } = civic.core;
  let subscribeToBill: ((bill: number) => void) | undefined;
  const Tracker = () => {
    subscribeToBill = useBillTracking().subscribeToBill;
    return null;
  };
  const [one, other] = [await mount(<Tracker />), await mount(<StrictMode>{null}</StrictMode>)];
  await happen(() => subscribeToBill?.(1));
  await other.render(
    <StrictMode>
      <Tracker />
    </StrictMode>,
  );
  await happen(() => subscribeToBill?.(1));
  await one.unmount();
  expect(members(civic.engine, 'bill:1')).toHaveLength(1);
  await other.unmount();
  expect(members(civic.engine, 'bill:1')).toEqual([]);
});

it('typing that is reported only by a message expires, by the page’s clock', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  await initialize();
  const shown = await use(civic.core.useCommunityRealTime);
  await happen(() => shown.view.subscribeToDiscussion(1));
  await message('discussion:1', { user_id: 'bob', bill_id: 1 }, 'typing_indicator');
  expect([...shown.view.typingIndicators.keys()]).toEqual(['1_root']);
  await happen(() => void vi.advanceTimersByTime(7_000));
  expect(shown.view.typingIndicators.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it('the hooks never throw: a failure is logged', async () => {
  const log = reactWarnings();
  await initialize();
  const shown = await use(civic.core.useCommunityRealTime);
  const large = 'x'.repeat(2_000_000);
  expect(() => shown.view.sendCommentUpdate(1, { large })).not.toThrow();
  expect(log).toHaveBeenCalledOnce();
});

it('useRealtimeEngagement warns when it is used, and returns the latest updates', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  await initialize();
  const shown = await use(civic.core.useRealtimeEngagement);
  expect(warn).toHaveBeenCalledOnce();
  await happen(() => shown.view.subscribeToBill(1));
  for (let n = 0; n < 12; n++) await message('bill:1', { bill_id: 1, n }, 'update');
  const numbers = (limit?: number) =>
    shown.view.getRecentUpdates(1, limit).map(({ data }) => data.n);
  expect(numbers()).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(numbers(2)).toEqual([10, 11]);
  expect(numbers(0)).toEqual([]);
});

describe('useWebSocket', () => {
  it('autoConnect connects, and stays connected when the component is unmounted', async () => {
    const { useWebSocket } = civic.core;
    const shown = await use(() =>
      useWebSocket({ autoConnect: true, token: 't', subscriptions: [{ type: 'bill', id: 1 }] }),
    );
    expect(shown.view.isConnecting).toBe(false);
    await happen(() => report(civic.engine).state('connecting'));
    expect(shown.view.isConnecting).toBe(true);
    await happen(() => report(civic.engine).state('ready'));
    expect(shown.view).toMatchObject({ isConnected: true, isConnecting: false, error: null });
    expect(civic.engine.of('disconnect')).toEqual([]);
    await shown.unmount();
    expect(members(civic.engine, 'bill:1')).toEqual([]);
    expect(service.isConnected()).toBe(true);
    expect(civic.engine.of('disconnect')).toEqual([]);
  });

  it('has the error until it has recovered', async () => {
    const shown = await use(() => civic.core.useWebSocket());
    await happen(() => void shown.view.connect());
    await happen(() => {
      report(civic.engine).state('connecting');
      report(civic.engine).state('reconnecting', 'join_refused', engineError('connect_refused'));
    });
    expect(shown.view).toMatchObject({ error: 'It is connect_refused.', isConnecting: true });
    await happen(() => report(civic.engine).state('ready'));
    expect(shown.view.error).toBeNull();
    await happen(() => shown.view.disconnect());
    expect(shown.view.isConnected).toBe(false);
  });

  it('subscribes and unsubscribes by kind and id', async () => {
    await initialize();
    const shown = await use(() => civic.core.useWebSocket());
    await happen(() => {
      expect(shown.view.subscribe({ type: 'bill', id: 1 })).toMatch(/^sub_/);
    });
    expect(members(civic.engine, 'bill:1')).toHaveLength(1);
    await happen(() => shown.view.unsubscribe({ type: 'bill', id: 1 }));
    expect(members(civic.engine, 'bill:1')).toEqual([]);
  });

  it('its quality is the connection’s, good among them', async () => {
    await initialize();
    const shown = await use(() => civic.core.useWebSocket());
    for (const [at, grade] of QUALITIES.entries()) {
      await happen(() => civic.engine.sink(Kind.Quality, at));
      expect(shown.view.connectionQuality).toBe(grade === 'offline' ? 'disconnected' : grade);
    }
    expect(QUALITIES).toContain('good');
  });
});

it('every hook renders on a server as not connected', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const { core, v1 } = civic;
  const Page = () => {
    const shown = [
      core.useBillTracking().isConnected,
      core.useCommunityRealTime().recentComments.length,
      core.useRealTimeEngagement().subscribedBills.size,
      core.useWebSocket({ autoConnect: true }).connectionQuality,
      v1.useWebSocket().notificationCount,
      v1.useBillRealTime(1).billUpdates.length,
      v1.useCommunityRealTime('x').communityUpdates.length,
      v1.useNotifications().notifications.length,
      v1.useBillUpdates().length,
      v1.useWebSocketConnection().isConnecting,
    ];
    return <p>{shown.join(' ')}</p>;
  };
  expect(renderToString(<Page />)).toBe('<p>false 0 0 disconnected 0 0 0 0 0 false</p>');
  expect(warn).not.toHaveBeenCalled();
});

describe('the first version', () => {
  it('keeps updates newest first, and none twice', async () => {
    await initialize();
    const { useWebSocket } = civic.v1;
    const shown = await use(() =>
      useWebSocket({ autoConnect: false, subscriptions: [{ type: 'bill', id: 1 }] }),
    );
    for (const timestamp of ['2026-01-01', '2026-01-02', '2026-01-02']) {
      await message('bill:1', { bill_id: 1, timestamp }, 'amendment');
    }
    const moments = ['2026-01-02', '2026-01-01'];
    expect(shown.view.getBillUpdates(1).map(({ timestamp }) => timestamp)).toEqual(moments);
    expect(shown.view.billUpdates[1]?.map(({ timestamp }) => timestamp)).toEqual(moments);
    expect(shown.view.getEngagementMetrics(1)).toBeUndefined();
  });

  it('shows a notification once that is received twice within a second', async () => {
    await initialize();
    const shown = await use(() => civic.v1.useNotifications());
    for (const [id, timestamp] of [
      ['a', '2026-01-01T00:00:00.000Z'],
      ['b', '2026-01-01T00:00:00.900Z'],
      ['c', '2026-01-01T00:00:02.500Z'],
    ]) {
      const notification = { id, timestamp, title: 'T', message: 'M' };
      await message('user_notifications', { notification }, 'notification');
    }
    expect(shown.view.notifications.map(({ id }) => id)).toEqual(['c', 'b']);
  });
});

/** The calls and statistics of the marketplace, its notifications and its error boundary. */
import { act } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { report } from '../page.js';
import { happen, members, mount, reactWarnings } from '../react/stage.js';
import { change, freshMarket, type Market, options } from './supabase-hooks-stage.js';

const OLD = { id: 'old', supplier_id: 's', status: 'connected', created_at: '2026-01-01' };
const NEWER = { ...OLD, id: 'newer', status: 'completed', created_at: '2026-01-02' };
const ALL_CALLS = { event: '*', schema: 'public', table: 'calls', filter: 'supplier_id=eq.s' };

let market: Market;

describe('lists of calls', () => {
  beforeEach(async () => {
    // In the order of the query, as the database returns them.
    market = await freshMarket([NEWER, OLD]);
  });

  /** Requests the rows of a channel's collection, like the engine; returns the app's answer. */
  async function load(channel: string): Promise<unknown> {
    const { engine } = market;
    const [number] = members(engine, channel);
    await happen(() => report(engine).request(number, 'Load', 1));
    await vi.waitFor(() => expect(engine.of('answerLoad')).toHaveLength(1));
    const [, , rows] = engine.of('answerLoad')[0] ?? [];
    await happen(() => report(engine).collection(number, { rows: rows as { id: string }[] }));
    return rows;
  }

  it('useRealTimeCallUpdates: the ten newest, the newest first', async () => {
    const Calls = () => market.useRealTimeCallUpdates('s').map(({ id }) => `${id} `);
    const mounted = await mount(<Calls />);
    expect(await load('supplier-call-updates-s')).toEqual([OLD, NEWER]);
    expect(mounted.text).toBe('newer old ');
    expect(options(market.engine, 'supplier-call-updates-s')).toEqual([ALL_CALLS]);
    expect(market.requested?.slice(0, 5)).toEqual([
      ['from', 'calls'],
      ['select', '*'],
      ['eq', 'supplier_id', 's'],
      ['order', 'created_at', { ascending: false }],
      ['limit', 10],
    ]);
    expect(market.engine.of('openCollection')[0]?.[4]).toMatchObject({ limit: 10 });
    await mounted.unmount();
    expect(members(market.engine, 'supplier-call-updates-s')).toEqual([]);
  });

  it('useRealTimeCallCount: counts active calls, whatever their change contains of the old row', async () => {
    const Count = () => market.useRealTimeCallCount('s');
    const mounted = await mount(<Count />);
    expect(mounted.text).toBe('0');
    await load('active-calls-s');
    expect(mounted.text).toBe('1');
    expect(market.requested).toContainEqual(['in', 'status', ['active', 'connected']]);
    const [number] = members(market.engine, 'active-calls-s');
    const rows = [{ ...OLD, status: 'completed' }, { ...OLD, id: 'a', status: 'active' }, NEWER];
    await happen(() => report(market.engine).collection(number, { rows: rows.slice(0, 1) }));
    expect(mounted.text).toBe('0');
    await happen(() => report(market.engine).collection(number, { rows }));
    expect(mounted.text).toBe('1');
  });

  it('without a supplier nothing is shown, and there is no request', async () => {
    const Nothing = () =>
      `${market.useRealTimeCallCount('')} ${market.useRealTimeCallUpdates('').length} ` +
      `${market.useRealTimeStats('')}`;
    expect((await mount(<Nothing />)).text).toBe('0 0 null');
    expect(market.engine.channels.size).toBe(1);
  });

  it('CallTracker: its campaign’s calls, the oldest first, whatever the order of the answer', async () => {
    const mounted = await mount(<market.CallTracker campaignId="7" />);
    expect(mounted.element.firstElementChild?.className).toBe('call-tracker');
    await load('calls:campaign=7');
    expect(options(market.engine, 'calls:campaign=7')).toEqual([
      { ...ALL_CALLS, filter: 'campaign_id=eq.7' },
    ]);
    const lines = [...mounted.element.querySelectorAll('li')].map(({ textContent }) => textContent);
    expect(lines).toEqual(['old: connected', 'newer: completed']);
  });
});

describe('useRealTimeStats', () => {
  let mounted: Awaited<ReturnType<typeof mount>>;
  beforeEach(async () => {
    market = await freshMarket([OLD]);
    const Stats = () => JSON.stringify(market.useRealTimeStats('s'));
    mounted = await mount(<Stats />);
  });
  const call = (kind: Parameters<typeof change>[2], row: object) =>
    change(market, 'supplier-calls-s', kind, { supplier_id: 's', ...row });
  const shown = () => JSON.parse(mounted.text);

  it('is null first; an active call counts, and no other', async () => {
    expect(shown()).toBe(null);
    await call('INSERT', { id: 'a', status: 'ringing' });
    expect(shown()).toBe(null);
    await call('INSERT', { id: 'b', status: 'connected' });
    expect(shown()).toEqual({ totalCalls: 1 });
  });

  it('a call that was active adds its revenue when it is completed, once', async () => {
    await call('INSERT', { id: 'a', status: 'connected' });
    await call('UPDATE', { id: 'a', status: 'completed', revenue: 12 });
    await call('UPDATE', { id: 'a', status: 'completed', revenue: 12 });
    await call('UPDATE', { id: 'b', status: 'completed', revenue: 5 });
    expect(shown()).toEqual({ totalCalls: 1, revenue: 12 });
  });

  it('a call that was active before the component was mounted counts too', async () => {
    await happen(() => report(market.engine).channel('supplier-calls-s', 'ready', 'fresh'));
    await call('UPDATE', { id: 'old', status: 'completed', payout: 3 });
    expect(shown()).toEqual({ revenue: 3 });
  });

  it('a call that was active before is counted where another component has the channel open', async () => {
    const channels = [{ key: 'supplier-calls-s', state: 'ready' }] as never;
    vi.spyOn(market.client, 'getChannelStats').mockReturnValue({ totalChannels: 1, channels });
    const Second = () => JSON.stringify(market.useRealTimeStats('s'));
    const second = await mount(<Second />);
    await call('UPDATE', { id: 'old', status: 'completed', payout: 3 });
    expect(JSON.parse(second.text)).toEqual({ revenue: 3 });
    expect(shown()).toBe(null);
  });

  it('a deleted call is not counted, down to zero, and those of others never are', async () => {
    await call('INSERT', { id: 'a', status: 'active' });
    await change(market, 'supplier-calls-s', 'DELETE', { id: 'another user’s' });
    expect(shown()).toEqual({ totalCalls: 1 });
    await change(market, 'supplier-calls-s', 'DELETE', { id: 'a' });
    await call('DELETE', { id: 'b' });
    expect(shown()).toEqual({ totalCalls: 0 });
  });

  it('the row of the statistics overrides the counts', async () => {
    await call('INSERT', { id: 'a', status: 'active' });
    const row = { supplier_id: 's', total_calls: 40, conversion_rate: 0.5, qualityScore: 80 };
    await change(market, 'supplier-stats-s', 'UPDATE', row);
    await call('INSERT', { id: 'b', status: 'active' });
    expect(shown()).toEqual({ totalCalls: 41, conversionRate: 0.5, qualityScore: 80 });
  });
});

describe('the store of notifications', () => {
  beforeEach(async () => {
    vi.useFakeTimers();
    market = await freshMarket();
  });
  const messages = () =>
    market.useNotificationStore.getState().notifications.map(({ message }) => message);

  it('they expire after five seconds, or their duration, or never; with one timer for all', async () => {
    const { addNotification } = market;
    const id = addNotification({ type: 'info', title: 'Call', message: 'default' });
    expect(id).toMatch(/^notif-\d{13}-[a-z0-9]{9}$/);
    addNotification({ type: 'error', message: 'short', duration: 1_000 });
    addNotification({ type: 'info', message: 'stays', autoClose: false });
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(messages()).toEqual(['default', 'stays']);
    vi.advanceTimersByTime(4_000);
    expect(messages()).toEqual(['stays']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a removed one disappears at once, with its timer', () => {
    const id = market.addNotification({ type: 'info', message: 'a' });
    market.removeNotification(id);
    market.removeNotification(id);
    expect(messages()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('useNotifications returns the array, useNotificationStore the selection', async () => {
    const Counts = () =>
      `${market.useNotifications().length} ${market.useNotificationStore((state) => state.notifications.length)} ` +
      `${typeof market.useNotificationStore().addNotification}`;
    const mounted = await mount(<Counts />);
    await act(async () => void market.addNotification({ type: 'info', message: 'a' }));
    expect(mounted.text).toBe('1 1 function');
    expect(renderToString(<Counts />)).toBe('0 0 function');
  });

  it('NotificationToast shows them, and closes them', async () => {
    const mounted = await mount(<market.NotificationToast />);
    expect(mounted.element.firstElementChild?.className).toBe('notification-container');
    await act(async () => void market.addNotification({ type: 'error', message: 'a' }));
    expect(mounted.element.querySelector('[role=alert]')?.textContent).toContain('a');
    await act(async () => mounted.element.querySelector('button')?.click());
    expect(mounted.text).toBe('');
  });
});

it('on a server everything renders its initial state', async () => {
  market = await freshMarket();
  function Page() {
    const { status } = market.useRealtimeWithRetry('room');
    return (
      <>
        <market.OnlineStatus />
        <market.CallTracker campaignId="7" />
        <market.NotificationToast />
        {status} {market.useRealTimeCallCount('s')} {`${market.useRealTimeStats('s')}`}
      </>
    );
  }
  expect(renderToString(<Page />).replace(/<[^>]*>/g, '')).toBe('Liveconnecting 0 null');
  expect(market.engine.channels.size).toBe(1);
});

describe('OnlineStatus', () => {
  beforeEach(async () => {
    market = await freshMarket();
  });
  const status = (element: Element) => [
    element.querySelector('.status-indicator')?.className,
    element.textContent,
  ];

  it('starts with the browser’s status, and follows it', async () => {
    const onLine = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    const mounted = await mount(<market.OnlineStatus />);
    expect(status(mounted.element)).toEqual(['status-indicator offline', 'Offline']);
    onLine.mockReturnValue(true);
    await happen(() => window.dispatchEvent(new Event('online')));
    expect(status(mounted.element)).toEqual(['status-indicator online', 'Live']);
  });

  it('a lost connection is not live, whatever the browser reports', async () => {
    const mounted = await mount(<market.OnlineStatus />);
    await happen(() => report(market.engine).state('reconnecting', 'connection_lost'));
    expect(mounted.text).toBe('Offline');
    await happen(() => report(market.engine).state('ready', 'authenticated'));
    expect(mounted.text).toBe('Live');
  });
});

describe('RealtimeErrorBoundary', () => {
  let fault: Error | undefined;
  let errors: ReturnType<typeof reactWarnings>;
  // React 18 reports errors that a boundary catches to the page, and jsdom prints them.
  const quiet = (event: Event): void => event.preventDefault();

  beforeEach(async () => {
    window.addEventListener('error', quiet);
    vi.useFakeTimers();
    market = await freshMarket();
    fault = Error('WebSocket connection failed');
    errors = reactWarnings();
  });
  afterEach(() => {
    window.removeEventListener('error', quiet);
    errors.mockRestore();
  });

  function Feed() {
    if (fault) throw fault;
    return 'live';
  }
  type Props = Partial<React.ComponentProps<Market['RealtimeErrorBoundary']>>;
  const Guarded = (props: Props) => (
    <market.RealtimeErrorBoundary {...props}>
      <Feed />
    </market.RealtimeErrorBoundary>
  );
  const later = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
  const press = (element: Element, name: string) =>
    act(async () => {
      for (const button of element.querySelectorAll('button')) {
        if (button.textContent === name) button.click();
      }
    });

  it.each([
    ['WebSocket connection failed', 'Real-time Connection Error', 'Reconnect Now'],
    ['Connection lost', 'Real-time Connection Error', 'Reconnect Now'],
    ['Request timed out', 'Request Timeout', 'Try Again'],
    ['Failed to sync', 'Data Sync Error', 'Try Again'],
    ['Oh no', 'Real-time Error', 'Try Again'],
  ])('%s: %s', async (message, title, button) => {
    fault = Error(message);
    const onReconnect = vi.fn();
    const mounted = await mount(<Guarded featureName="Call Tracking" onReconnect={onReconnect} />);
    expect(mounted.text).toContain(title);
    expect(mounted.text).toContain('The Call Tracking feature is temporarily unavailable');
    fault = undefined;
    await press(mounted.element, button);
    expect(onReconnect).toHaveBeenCalledOnce();
    expect(mounted.text).toBe('live');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('retries by itself with growing delays, up to the maximum', async () => {
    const onReconnect = vi.fn();
    const onError = vi.fn();
    const mounted = await mount(<Guarded maxReconnectAttempts={2} {...{ onReconnect, onError }} />);
    expect(mounted.text).toContain('Reconnecting…');
    await later(999);
    expect(onReconnect).not.toHaveBeenCalled();
    await later(1);
    expect(onReconnect).toHaveBeenCalledOnce();
    await later(1_999);
    expect(onReconnect).toHaveBeenCalledOnce();
    await later(1);
    expect(onReconnect).toHaveBeenCalledTimes(2);
    await later(60_000);
    expect(onReconnect).toHaveBeenCalledTimes(2);
    expect(mounted.text).not.toContain('Reconnecting…');
    expect(onError).toHaveBeenCalledTimes(3);
  });

  it('shows its children again once they render', async () => {
    const mounted = await mount(<Guarded reconnectDelay={50} />);
    fault = undefined;
    // With the page's next tick.
    await later(1_000);
    expect(mounted.text).toBe('live');
  });

  it('waits for the network, and leaves no listener and no timer behind', async () => {
    const [add, remove] = [
      vi.spyOn(window, 'addEventListener'),
      vi.spyOn(window, 'removeEventListener'),
    ];
    const onLine = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    const mounted = await mount(<Guarded />);
    await later(1_000);
    expect(mounted.text).toContain('Disconnected');
    expect(add.mock.calls.filter(([name]) => name === 'online')).toHaveLength(1);
    fault = undefined;
    onLine.mockReturnValue(true);
    await act(async () => void window.dispatchEvent(new Event('online')));
    expect(mounted.text).toBe('live');
    const [, listener] = add.mock.calls.find(([name]) => name === 'online') ?? [];
    expect(remove).toHaveBeenCalledWith('online', listener);
    fault = Error('again');
    await mounted.render(<Guarded featureName="other" />);
    await mounted.unmount();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a failed onReconnect counts as a failure', async () => {
    const onReconnect = vi.fn().mockRejectedValue(Error('Connection refused'));
    const mounted = await mount(<Guarded onReconnect={onReconnect} maxReconnectAttempts={2} />);
    await later(1_000);
    await later(2_000);
    expect(onReconnect).toHaveBeenCalledTimes(2);
    expect(mounted.text).toContain('Real-time Connection Error');
  });

  it('offers the actions of the app, and shows its fallback', async () => {
    const [onFallbackToPolling, onRefresh] = [vi.fn(), vi.fn()];
    const mounted = await mount(<Guarded {...{ onFallbackToPolling, onRefresh }} />);
    await press(mounted.element, 'Continue with Limited Features');
    await press(mounted.element, 'Refresh Page');
    expect([onFallbackToPolling, onRefresh].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    const element = await mount(<Guarded fallbackComponent={<p>Sorry</p>} />);
    expect(element.text).toBe('Sorry');
    const component = await mount(
      <Guarded
        fallbackComponent={({ kind, status, attempts }) => `${kind} ${status} ${attempts}`}
      />,
    );
    expect(component.text).toBe('websocket reconnecting 0');
  });

  it('without automatic retries it waits for the user', async () => {
    const mounted = await mount(<Guarded enableAutoReconnect={false} />);
    expect(vi.getTimerCount()).toBe(0);
    expect(mounted.element.querySelector('[role=alert]')?.getAttribute('data-status')).toBe(
      'error',
    );
  });
});

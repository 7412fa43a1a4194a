/** The hooks of the call marketplace: their queries and subscriptions, and how they handle changes. */
import { act, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { engineError, report, uncaughtError } from '../page.js';
import { happen, type Mounted, members, mount } from '../react/stage.js';
import { change, freshMarket, type Market, options } from './supabase-hooks-stage.js';

let market: Market;

beforeEach(async () => {
  market = await freshMarket();
});

const changes = (event: string, table?: string, filter?: string) => ({
  event,
  schema: 'public',
  ...(table && { table }),
  ...(filter && { filter }),
});

describe('useRealtimeChannel(channel, event, callback)', () => {
  function Total({ on, log }: { on: string; log: (text: string) => void }) {
    market.useRealtimeChannel<{ id: string }>(on, 'INSERT', ({ eventType, new: row }) =>
      log(`${eventType} ${'id' in row && row.id}`),
    );
    return null;
  }

  it('calls the callback of the last render, and subscribes once for all of them', async () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const mounted = await mount(<Total on="calls" log={first} />);
    await mounted.render(<Total on="calls" log={second} />);
    await change(market, 'calls', 'INSERT', { id: 'a' });
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledExactlyOnceWith('INSERT a');
    expect(market.engine.of('subscribe').filter(([, name]) => name === 'calls')).toHaveLength(1);
    expect(options(market.engine, 'calls')).toEqual([changes('INSERT')]);
  });

  it('changes to another channel with its argument, and leaves with the component', async () => {
    const mounted = await mount(<Total on="calls" log={() => {}} />);
    await mounted.render(<Total on="bids" log={() => {}} />);
    expect(members(market.engine, 'calls')).toEqual([]);
    expect(members(market.engine, 'bids')).toHaveLength(1);
    await mounted.unmount();
    expect(members(market.engine, 'bids')).toEqual([]);
  });

  it('receives no broadcasts of the channel', async () => {
    const log = vi.fn();
    await mount(<Total on="calls" log={log} />);
    await happen(() => report(market.engine).message('calls', { id: 'a' }, 'chat'));
    expect(log).not.toHaveBeenCalled();
  });
});

describe('useRealtimeChannel(name, setup, options)', () => {
  type Setup = Parameters<Market['usePostCommentsChannel']>[1];
  function Listener({ enabled, log, fail }: { enabled?: boolean; log: Setup; fail?: Error }) {
    const channel = market.useRealtimeChannel(
      'room',
      (room) => {
        if (fail) throw fail;
        room.on('postgres_changes', { event: '*', schema: 'public', table: 'calls' }, log);
        room.subscribe();
      },
      {
        ...(enabled !== undefined && { enabled }),
        onError: ({ message }) => log(message as never),
      },
    );
    return channel?.topic ?? 'none';
  }

  it('returns null first, then the channel, which is left with the component', async () => {
    const log = vi.fn();
    const mounted = await mount(
      <StrictMode>
        <Listener log={log} />
      </StrictMode>,
    );
    expect(mounted.text).toBe('realtime:room');
    await change(market, 'room', 'INSERT', { id: 'a' });
    expect(log).toHaveBeenCalledOnce();
    await mounted.unmount();
    expect(members(market.engine, 'room')).toEqual([]);
  });

  it('has no channel while it is not enabled, and one when it is', async () => {
    const mounted = await mount(<Listener enabled={false} log={() => {}} />);
    expect(mounted.text).toBe('none');
    expect(members(market.engine, 'room')).toEqual([]);
    await mounted.render(<Listener enabled log={() => {}} />);
    expect(options(market.engine, 'room')).toContainEqual(changes('*', 'calls'));
    await mounted.render(<Listener enabled={false} log={() => {}} />);
    expect(mounted.text).toBe('none');
    expect(members(market.engine, 'room')).toEqual([]);
  });

  it('a new setup in every render makes no new subscription', async () => {
    const mounted = await mount(<Listener log={() => {}} />);
    const before = market.engine.of('subscribe').length;
    await mounted.render(<Listener log={() => {}} />);
    expect(market.engine.of('subscribe')).toHaveLength(before);
  });

  it('reports the error that the setup threw, and that of a failed channel', async () => {
    const log = vi.fn();
    await mount(<Listener fail={Error('no')} log={log} />);
    expect(log).toHaveBeenCalledExactlyOnceWith('no');
    log.mockClear();
    await mount(<Listener log={log} />);
    await happen(() =>
      report(market.engine).channel(
        'room',
        'failed',
        'fresh',
        engineError('forbidden'),
        'join_refused',
      ),
    );
    expect(log).toHaveBeenCalledExactlyOnceWith('It is forbidden.');
  });

  it('an onError that throws is reported as uncaught, and the tree stays mounted', async () => {
    const log = (): void => {
      throw Error('of the app');
    };
    let mounted: Mounted | undefined;
    const uncaught = await uncaughtError(async () => {
      mounted = await mount(<Listener fail={Error('no')} log={log} />);
    });
    expect(uncaught).toEqual(Error('of the app'));
    expect(mounted?.text).toBe('none');
  });

  it('two components on one channel: unmounting the first keeps the other one live', async () => {
    const [one, two] = [vi.fn(), vi.fn()];
    const first = await mount(<Listener log={one} />);
    await mount(<Listener log={two} />);
    await first.unmount();
    await change(market, 'room', 'UPDATE', { id: 'a' });
    expect(one).not.toHaveBeenCalled();
    expect(two).toHaveBeenCalledOnce();
  });
});

it('the channels of a post: new comments, changed views', async () => {
  const [commented, viewed] = [vi.fn(), vi.fn()];
  function Post() {
    market.usePostCommentsChannel('7', commented);
    market.usePostViewsChannel('7', viewed, { enabled: true });
    return null;
  }
  await mount(<Post />);
  const { engine } = market;
  expect(options(engine, 'comments:7')).toContainEqual(
    changes('INSERT', 'comments', 'post_id=eq.7'),
  );
  expect(options(engine, 'views:7')).toContainEqual(changes('UPDATE', 'views', 'post_id=eq.7'));
  await change(market, 'comments:7', 'INSERT', { id: 'c' });
  await change(market, 'views:7', 'UPDATE', { id: 'v', count: 2 });
  expect(commented.mock.calls).toEqual([[expect.objectContaining({ new: { id: 'c' } })]]);
  expect(viewed.mock.calls).toEqual([[expect.objectContaining({ new: { id: 'v', count: 2 } })]]);
});

describe('useRealtimeWithRetry', () => {
  function Status({ max }: { max?: number }) {
    const { status, retryCount, error } = market.useRealtimeWithRetry('room', max);
    return `${status} ${retryCount} ${error?.message ?? ''}`;
  }
  const join = () => happen(() => report(market.engine).channel('room', 'joined', 'fresh'));
  const lose = () =>
    happen(() => {
      const error = engineError('connection_lost');
      report(market.engine).state('reconnecting', 'connection_lost', error);
      report(market.engine).channel('room', 'joining', 'fresh', error, 'connection_down');
    });
  const retry = () => happen(() => report(market.engine).state('connecting', 'retry'));

  it('returns its status, and resets the count once it is connected', async () => {
    const mounted = await mount(<Status />);
    expect(mounted.text).toBe('connecting 0 ');
    await join();
    expect(mounted.text).toBe('connected 0 ');
    await lose();
    await retry();
    await lose();
    await retry();
    expect(mounted.text).toBe('retrying 2 It is connection_lost.');
    await happen(() => report(market.engine).channel('room', 'joined', 'unknown'));
    expect(mounted.text).toBe('connected 0 ');
  });

  it('stops after the given number of retries, and leaves', async () => {
    const mounted = await mount(<Status max={1} />);
    await join();
    await lose();
    await retry();
    expect(members(market.engine, 'room')).not.toEqual([]);
    await lose();
    await retry();
    expect(mounted.text).toBe('failed 1 It is connection_lost.');
    expect(members(market.engine, 'room')).toEqual([]);
  });

  it('fails at once if the error is permanent, and leaves with the component', async () => {
    const mounted = await mount(<Status />);
    await happen(() =>
      report(market.engine).channel(
        'room',
        'failed',
        'fresh',
        engineError('forbidden'),
        'join_refused',
      ),
    );
    expect(mounted.text).toBe('failed 0 It is forbidden.');
    const other = await mount(<Status max={9} />);
    await other.unmount();
    expect(members(market.engine, 'room')).toEqual([]);
  });
});

describe('useRealtimeSubscription', () => {
  type Options = Parameters<Market['useRealtimeSubscription']>[0];
  let shown: ReturnType<Market['useRealtimeSubscription']>;
  function Subscription(options: Options) {
    shown = market.useRealtimeSubscription(options);
    return null;
  }
  /** The one channel there is but for the one that starts the engine. */
  const name = () => [...market.engine.channels.keys()].find((key) => key !== 'base') ?? '';
  const live = () => happen(() => report(market.engine).channel(name(), 'ready', 'fresh'));

  it('has the status of the channel', async () => {
    await mount(<Subscription table="calls" />);
    expect(shown).toMatchObject({ isConnected: false, isConnecting: true, error: null });
    expect(name()).toMatch(/^rt:calls:all:\d{13}$/);
    expect(shown.channel?.subTopic).toBe(name());
    await happen(() => report(market.engine).channel(name(), 'joined', 'fresh'));
    expect(shown.isConnected, 'changes are not emitted yet').toBe(false);
    await live();
    expect(shown).toMatchObject({ isConnected: true, isConnecting: false });
    await happen(() =>
      report(market.engine).channel(
        name(),
        'joining',
        'fresh',
        engineError('connection_lost'),
        'connection_down',
      ),
    );
    expect(shown).toMatchObject({
      isConnected: false,
      isConnecting: true,
      error: { code: 'connection_lost' },
    });
    await live();
    expect(shown).toMatchObject({ isConnected: true, error: null });
  });

  it('calls each callback with its own changes, and onChange with all', async () => {
    const reported: string[] = [];
    const log =
      (by: string) =>
      ({ eventType }: { eventType: string }): void => {
        reported.push(`${by} ${eventType}`);
      };
    await mount(
      <Subscription
        table="calls"
        onInsert={log('onInsert')}
        onUpdate={log('onUpdate')}
        onDelete={log('onDelete')}
        onChange={log('onChange')}
      />,
    );
    for (const kind of ['INSERT', 'UPDATE', 'DELETE'] as const) {
      await change(market, name(), kind, { id: 'a' });
    }
    expect(reported).toEqual(
      ['Insert', 'Update', 'Delete'].flatMap((kind) => [
        `on${kind} ${kind.toUpperCase()}`,
        `onChange ${kind.toUpperCase()}`,
      ]),
    );
  });

  it('lastEvent changes with the engine’s batch, the callbacks do not wait', async () => {
    const onChange = vi.fn();
    await mount(<Subscription table="calls" onChange={onChange} />);
    const batch = () => happen(() => report(market.engine).batch());
    await change(market, name(), 'INSERT', { id: 'a' });
    await batch();
    expect(shown.lastEvent?.new).toEqual({ id: 'a' });
    await change(market, name(), 'INSERT', { id: 'b' });
    await change(market, name(), 'INSERT', { id: 'c' });
    expect(shown.lastEvent?.new).toEqual({ id: 'a' });
    expect(onChange).toHaveBeenCalledTimes(3);
    await batch();
    expect(shown.lastEvent?.new).toEqual({ id: 'c' });
  });

  it('subscribe and unsubscribe override enabled until that changes', async () => {
    const mounted = await mount(<Subscription table="calls" enabled={false} />);
    expect(shown).toMatchObject({ isConnecting: false, channel: null });
    await act(async () => shown.subscribe());
    expect(shown.isConnecting).toBe(true);
    await act(async () => shown.unsubscribe());
    expect(members(market.engine, name())).toEqual([]);
    await mounted.render(<Subscription table="calls" enabled />);
    expect(shown.isConnecting).toBe(true);
  });

  it('components with the same options share a channel', async () => {
    await mount(<Subscription table="calls" filter="id=eq.1" />);
    await mount(<Subscription table="calls" filter="id=eq.1" />);
    expect([...market.engine.channels.keys()].filter((key) => key.startsWith('rt:'))).toHaveLength(
      1,
    );
  });

  it('on a server it is not connected, and makes no request', () => {
    expect(renderToString(<Subscription table="calls" />)).toBe('');
    expect(shown).toMatchObject({ isConnected: false, isConnecting: false, lastEvent: null });
    expect(market.engine.channels.size).toBe(1);
  });
});

describe('the subscriptions to the tables of the marketplace', () => {
  let stats: { stats: Record<string, unknown> | null };
  function Entities({ window, of = 's' }: { window?: number; of?: string }) {
    market.useCampaignSubscription('7');
    market.useCallSubscription({ campaignId: '7', status: ['ringing', 'connected'] });
    market.useCallSubscription({ status: ['no, answer'] });
    stats = market.useStatsSubscription('supplier_stats', of, window, { column: 'supplier_id' });
    return null;
  }
  const names = () => [...market.engine.channels.keys()].filter((key) => key.startsWith('rt:'));

  it('both conditions make one filter, in which values with commas are quoted', async () => {
    await mount(<Entities />);
    expect(names().flatMap((name) => options(market.engine, name))).toEqual(
      expect.arrayContaining([
        changes('*', 'campaigns', 'id=eq.7'),
        changes('*', 'calls', 'campaign_id=eq.7,status=in.(ringing,connected)'),
        changes('*', 'calls', 'status=in.("no, answer")'),
        changes('*', 'supplier_stats', 'supplier_id=eq.s'),
      ]),
    );
  });

  it('without a window each row is shown, and none of another entity', async () => {
    const mounted = await mount(<Entities />);
    const [name = ''] = names().filter((key) => key.includes('supplier_stats'));
    await change(market, name, 'UPDATE', { id: 's', total_calls: 1 });
    expect(stats.stats?.total_calls).toBe(1);
    await mounted.render(<Entities of="t" />);
    expect(stats.stats).toBe(null);
  });

  it('the statistics are the last row of a window', async () => {
    vi.useFakeTimers();
    await mount(<Entities window={1_000} />);
    const [name = ''] = names().filter((key) => key.includes('supplier_stats'));
    for (const count of [1, 2, 3]) {
      await change(market, name, 'UPDATE', { id: 's', total_calls: count });
    }
    expect(stats.stats).toBe(null);
    await act(() => vi.advanceTimersByTimeAsync(1_000));
    expect(stats.stats).toEqual({ id: 's', total_calls: 3 });
    await change(market, name, 'DELETE', { id: 's' });
    await act(() => vi.advanceTimersByTimeAsync(1_000));
    expect(stats.stats).toBe(null);
  });
});

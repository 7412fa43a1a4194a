/** All components: rendered on a server, hydrated, in StrictMode, and unmounted. */
import { act, createElement, type ReactNode, StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { beforeEach, expect, it, vi } from 'vitest';
import { report } from '../page.js';
import {
  type Components,
  deliver,
  freshComponents,
  happen,
  members,
  mount,
  numberOf,
  reactWarnings,
  rowsOf,
  until,
} from './stage.js';

const loaded: string[] = [];
let stage: Components;

/** The calls of the engine, without those that only read. */
const actions = () => stage.engine.calls.filter(([method]) => method !== 'peekCollection');

beforeEach(async () => {
  loaded.length = 0;
  vi.doMock('@tanstack/virtual-core', async (original) => {
    loaded.push('virtual-core');
    return await original();
  });
  vi.doMock('uplot', () => {
    loaded.push('uplot');
    return {
      default: class {
        setData() {}
        destroy() {}
      },
    };
  });
  stage = await freshComponents();
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
      unobserve() {}
    },
  );
  vi.stubGlobal('matchMedia', () => new EventTarget());
});

const CHANNELS = ['calls:1', 'bids:1', 'notifications:ann', 'rows', 'news', 'room', 'numbers'];

/** Every component, each as an app would use it. */
function Everything(): ReactNode {
  const { CallTracker, LiveFeed, NotificationToast, OnlineStatus, RealtimeChart } = stage;
  const { ActiveUsers, LiveBidding, CallDuration, ConnectionIndicator, TypingIndicator } = stage;
  return (
    <>
      <CallTracker campaignId="1" load={() => []} />
      <LiveBidding campaignId="1" bidderId="ann" />
      <NotificationToast userId="ann" />
      <LiveFeed channel="rows" />
      <LiveFeed channel="news" of="messages" />
      <RealtimeChart<{ n: number }> channel="numbers" value={({ n }) => n} />
      <ActiveUsers channel="room" me={{ name: 'Ann' }} />
      <TypingIndicator channel="room" me="Ann" />
      <CallDuration call={{ started_at: '2026-01-01T12:00:00Z' }} />
      <ConnectionIndicator />
      <OnlineStatus />
    </>
  );
}

it('each renders its initial state on a server, and opens nothing there', () => {
  const warned = reactWarnings();
  const calls = actions().length;
  const { CallDuration, NotificationToast } = stage;
  for (const Component of [stage.CallTracker, stage.LiveBidding, stage.LiveFeed] as const) {
    expect(renderToString(createElement(Component as never, { channel: 'any' }))).toContain(
      'Loading',
    );
  }
  expect(renderToString(<NotificationToast channel="any" />)).toContain('Notifications');
  expect(renderToString(<CallDuration call={{ started_at: '2026-01-01T12:00:00Z' }} />)).toContain(
    '–',
  );
  expect(renderToString(<stage.ConnectionIndicator />)).toContain('Not connected');
  expect(renderToString(<stage.OnlineStatus />)).toContain('Standby');
  expect(renderToString(<stage.TypingIndicator channel="any" />)).toContain('<output');
  expect(renderToString(<stage.ActiveUsers channel="any" />)).toContain('Nobody is here');
  expect(
    renderToString(<stage.RealtimeChart<{ n: number }> channel="any" value={({ n }) => n} />),
  ).toContain('No values yet');
  expect(actions()).toHaveLength(calls);
  expect(warned).not.toHaveBeenCalled();
  expect(loaded).toEqual([]);
});

it('server-rendered HTML has no style attribute, which a strict style-src forbids; styles come with hydration', async () => {
  const items = Array.from({ length: 100 }, (_, n) => ({ id: n, title: `Entry ${n}` }));
  const page = (
    <>
      <stage.LiveFeed items={items} maxHeight={300} />
      <Everything />
    </>
  );
  const html = renderToString(page);
  expect(html).toContain('tw-long');
  expect(html).toContain('tw-announcement');
  expect(html).toContain('tw-chart-plot');
  expect(html).not.toMatch(/\sstyle=/);
  const element = document.body.appendChild(document.createElement('div'));
  element.innerHTML = html;
  const warned = reactWarnings();
  const root = await act(async () => hydrateRoot(element, page));
  const styled = (selector: string) => element.querySelector<HTMLElement>(selector)?.style;
  expect(styled('.tw-long')?.maxHeight).toBe('300px');
  expect(styled('.tw-chart-plot')?.height).toBe('200px');
  expect(styled('.tw-announcement')?.position).toBe('absolute');
  expect(warned).not.toHaveBeenCalled();
  await act(async () => root.unmount());
  element.remove();
});

it('times and numbers are hydrated without a warning, then formatted in the page’s language', async () => {
  const items = [
    { id: '1', title: 'One', created_at: '2026-01-01T12:34:56Z' },
    { id: '2', title: 'Two', created_at: '2026-01-01T13:34:56Z' },
  ];
  const bids = [{ id: '1', bidder_id: 'bob', amount: 1_234.5, currency: 'EUR' }];
  const page = (
    <StrictMode>
      <stage.LiveFeed items={items} />
      <stage.LiveBidding items={bids} />
      <Everything />
    </StrictMode>
  );
  const warned = reactWarnings();
  const html = renderToString(page);
  expect(html).toContain('12:34:56');
  expect(html).toContain('€1,234.50');
  const element = document.body.appendChild(document.createElement('div'));
  element.innerHTML = html;
  document.documentElement.lang = 'de';
  const recovered = vi.fn();
  const root = await act(async () => hydrateRoot(element, page, { onRecoverableError: recovered }));
  expect(element.textContent).toContain('1.234,50\u00a0€');
  expect(recovered).not.toHaveBeenCalled();
  expect(warned).not.toHaveBeenCalled();
  await act(async () => root.unmount());
  for (const channel of CHANNELS) expect(members(stage.engine, channel)).toEqual([]);
  document.documentElement.lang = '';
});

it('a page with an invalid language is formatted in English', async () => {
  document.documentElement.lang = 'not a language';
  const mounted = await mount(
    <stage.LiveBidding items={[{ id: '1', bidder_id: 'b', amount: 2.5 }]} />,
  );
  expect(mounted.text).toContain('2.5');
  document.documentElement.lang = '';
});

it('StrictMode: one membership each; unmounted during reports, no subscription, timer or warning remains', async () => {
  const warned = reactWarnings();
  vi.useFakeTimers();
  const mounted = await mount(
    <StrictMode>
      <Everything />
    </StrictMode>,
  );
  for (const channel of ['calls:1', 'bids:1', 'notifications:ann', 'rows', 'news', 'numbers']) {
    expect(members(stage.engine, channel), channel).toHaveLength(1);
  }
  await rowsOf(stage, 'rows', [{ id: '1' }]);
  await deliver(stage, 'numbers', [{ n: 1 }]);
  expect(mounted.text).toContain('latest 1, lowest 1, highest 1');
  const number = numberOf(stage, 'rows');
  await mounted.unmount(() => {
    report(stage.engine).collection(number, { rows: [{ id: '1' }, { id: '2' }] });
    report(stage.engine).message('news', { text: 'late' });
    report(stage.engine).typing('room', 'Bob');
  });
  report(stage.engine).message('numbers', { n: 1 });
  report(stage.engine).state('ready');
  await happen();
  for (const channel of CHANNELS) expect(members(stage.engine, channel), channel).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  expect(warned).not.toHaveBeenCalled();
});

it('a library is loaded only by the component that needs it', async () => {
  const { LiveFeed, RealtimeChart } = stage;
  const rows = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ id: `${n}`, title: `Row ${n}` }));
  const mounted = await mount(<LiveFeed items={rows(60)} />);
  expect(loaded).toEqual([]);
  expect(mounted.element.querySelectorAll('[role=article]')).toHaveLength(60);
  await mounted.render(<LiveFeed items={rows(61)} />);
  await until(() => expect(loaded).toEqual(['virtual-core']));
  await mounted.render(<RealtimeChart<{ n: number }> items={[]} value={({ n }) => n} />);
  await until(() => expect(loaded).toEqual(['virtual-core', 'uplot']));
});

it('every root accepts a class, a style, attributes and a ref', async () => {
  const { CallTracker, LiveFeed, NotificationToast, OnlineStatus, RealtimeChart } = stage;
  const { ActiveUsers, LiveBidding, CallDuration, ConnectionIndicator, TypingIndicator } = stage;
  const refs: (HTMLElement | null)[] = [];
  const root = {
    ...{ className: 'mine', style: { color: 'red' }, 'data-mine': 'yes' },
    ref: (element: HTMLElement | null) => {
      if (element) refs.push(element);
    },
  };
  const mounted = await mount(
    <>
      <CallTracker {...root} items={[]} />
      <LiveFeed {...root} items={[]} />
      <NotificationToast {...root} items={[]} />
      <OnlineStatus {...root} />
      <RealtimeChart<{ n: number }> {...root} items={[]} value={({ n }) => n} />
      <ActiveUsers {...root} />
      <LiveBidding {...root} items={[]} />
      <CallDuration {...root} call={{}} />
      <ConnectionIndicator {...root} />
      <TypingIndicator {...root} />
    </>,
  );
  expect(refs).toHaveLength(10);
  expect(refs).toEqual([...mounted.element.querySelectorAll('.mine')]);
  for (const element of refs) {
    expect(element?.className).toMatch(/^tw-[a-z-]+ .*\bmine$/);
    expect(element?.dataset.mine).toBe('yes');
    expect(element?.style.color).toBe('red');
  }
});

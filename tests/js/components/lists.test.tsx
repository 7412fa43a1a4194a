/** CallTracker, LiveFeed and LiveBidding: rows and messages as lists. */
import { act, Profiler } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Bid, TrackedCall } from '../../../pkg-template/src/components/index.js';
import type { CollectionView } from '../../../pkg-template/src/react/index.js';
import { engineError, report } from '../page.js';
import {
  type Components,
  deliver,
  find,
  freshComponents,
  happen,
  mount,
  mountAt,
  numberOf,
  pass,
  press,
  reported,
  rowsOf,
} from './stage.js';

let stage: Components;

beforeEach(async () => {
  stage = await freshComponents();
});

const texts = (mounted: { element: HTMLElement }, selector: string): (string | null)[] =>
  [...mounted.element.querySelectorAll(selector)].map(({ textContent }) => textContent);

const call = (id: string, more: Partial<TrackedCall> = {}): TrackedCall => ({
  id,
  status: 'ringing',
  caller_number: `+1 555 ${id}`,
  ...more,
});

it('calls: loaded and live, the newest first, with their number', async () => {
  const load = vi.fn(() => []);
  const mounted = await mount(<stage.CallTracker campaignId="7" load={load} currency="EUR" />);
  expect(mounted.text).toContain('Loading');
  report(stage.engine).request(numberOf(stage, 'calls:7'), 'Load', 1);
  expect(load).toHaveBeenCalledOnce();
  await rowsOf(stage, 'calls:7', []);
  expect(mounted.text).toContain('No calls yet');
  const rows = [
    call('1', {
      started_at: '2026-01-01T12:00:00Z',
      ...{ status: 'completed', duration_seconds: 65, payout: 12.5, buyer_name: 'Roofing' },
    }),
    call('2', { started_at: '2026-01-01T12:05:00Z', status: 'queued' }),
  ];
  await rowsOf(stage, 'calls:7', rows);
  expect(find(mounted, 'section').className).toBe('tw-call-tracker call-tracker');
  expect(mounted.text).toContain('1 active, 2 in all');
  expect(texts(mounted, '[role=listitem]')).toEqual([
    expect.stringContaining('+1 555 2queued'),
    '+1 555 1to RoofingCompleted1:05€12.50',
  ]);
});

it('an error is an alert; present rows stay', async () => {
  const mounted = await mount(<stage.CallTracker campaignId="7" load={() => []} />);
  await rowsOf(stage, 'calls:7', [call('1')]);
  await rowsOf(stage, 'calls:7', [call('1')], { error: engineError('load_failed') });
  expect(find(mounted, '[role=alert]').textContent).toBe('It is load_failed.');
  expect(texts(mounted, '[role=listitem]')).toHaveLength(1);
});

it('new items are announced at intervals, as a number', async () => {
  const mounted = await mountAt('2026-01-01T12:00:00Z', <stage.CallTracker campaignId="7" />);
  const rows = ['1', '2', '3', '4', '5'].map((id) =>
    call(id, { status: 'completed', duration_seconds: 1 }),
  );
  await rowsOf(stage, 'calls:7', rows.slice(0, 2));
  expect(reported(mounted)).toEqual(['']);
  await rowsOf(stage, 'calls:7', rows.slice(0, 3));
  expect(reported(mounted)).toEqual(['1 new call']);
  await rowsOf(stage, 'calls:7', rows.slice(0, 4));
  await rowsOf(stage, 'calls:7', rows);
  await pass(4_000);
  expect(reported(mounted)).toEqual(['1 new call']);
  await pass(1_000);
  expect(reported(mounted)).toEqual(['2 new calls']);
  expect(vi.getTimerCount()).toBe(0);
});

it('accepts a collection of the app instead of a channel, or rows', async () => {
  const view = {} as { now: CollectionView<TrackedCall> };
  function App() {
    view.now = stage.useCollection<TrackedCall>('mine');
    return <stage.CallTracker collection={view.now} renderItem={({ id }) => <b>{id}</b>} />;
  }
  const mounted = await mount(<App />);
  await rowsOf(stage, 'mine', [call('a')]);
  expect(texts(mounted, 'b')).toEqual(['a']);
  expect(stage.engine.of('openCollection')).toHaveLength(1);
  await mounted.render(<stage.CallTracker items={[call('b')]} />);
  expect(mounted.text).toContain('+1 555 b');
  expect(mounted.text).toContain('1 active, 1 in all');
});

it('a feed of messages: the newest first, one render per batch, only of the event', async () => {
  const rendered = vi.fn();
  const mounted = await mount(
    <Profiler id="feed" onRender={rendered}>
      <stage.LiveFeed channel="news" of="messages" event="chat" limit={3} />
    </Profiler>,
  );
  expect(mounted.text).toContain('Nothing yet');
  rendered.mockClear();
  await deliver(stage, 'news', [{ text: 'a' }, { title: 'b' }, { n: 1 }], 'chat');
  // At most one more render for the announcement.
  expect(rendered.mock.calls.length).toBeLessThanOrEqual(2);
  await deliver(stage, 'news', [{ text: 'not shown' }], 'left');
  expect(texts(mounted, '[role=article]')).toEqual(['{"n":1}', 'b', 'a']);
  await deliver(stage, 'news', [{ body: 'd' }], 'chat');
  expect(texts(mounted, '[role=article]')).toEqual(['d', '{"n":1}', 'b']);
});

it('a feed of rows: in its own order, or that of the app’s', async () => {
  const rows = [
    { id: '1', title: 'b' },
    { id: '2', title: 'a' },
  ];
  const shown = (mounted: { element: HTMLElement }) => texts(mounted, '[role=article]').join('');
  const mounted = await mount(<stage.LiveFeed channel="rows" />);
  await rowsOf(stage, 'rows', rows);
  expect(shown(mounted)).toBe('ab');
  const sort = (a: { title: string }, b: { title: string }) => (a.title < b.title ? 1 : -1);
  await mounted.render(
    <stage.LiveFeed<(typeof rows)[0]> key="s" channel="rows" options={{ sort }} />,
  );
  await rowsOf(stage, 'rows', rows);
  expect(shown(mounted)).toBe('ba');
  await mounted.render(<stage.LiveFeed key="i" items={rows} newestFirst />);
  expect(shown(mounted)).toBe('ab');
});

it('a feed is read with the keyboard: one entry is in the tab order, keys move to the others', async () => {
  const items = ['a', 'b', 'c'].map((id) => ({ id, title: id }));
  const mounted = await mount(<stage.LiveFeed items={items} />);
  const articles = [...mounted.element.querySelectorAll<HTMLElement>('[role=article]')];
  expect(articles.map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1]);
  expect(articles.map((article) => article.getAttribute('aria-posinset'))).toEqual(['1', '2', '3']);
  await act(async () => articles[0]?.focus());
  const focused = () => document.activeElement?.textContent;
  await press('PageDown');
  expect(focused()).toBe('b');
  expect(articles.map(({ tabIndex }) => tabIndex)).toEqual([-1, 0, -1]);
  await press('End');
  expect(focused()).toBe('c');
  await press('PageDown');
  expect(focused()).toBe('c');
  await press('Home');
  expect(focused()).toBe('a');
  await press('x');
  expect(focused()).toBe('a');
});

const bid = (id: string, amount: number, more: Partial<Bid> = {}): Bid => ({
  id,
  amount,
  bidder_id: 'bob',
  currency: 'EUR',
  status: 'active',
  ...more,
});

/** Enters an amount and submits the form. */
async function offer(mounted: { element: HTMLElement }, amount: string): Promise<void> {
  const field = mounted.element.querySelector('input') as HTMLInputElement;
  await happen(() => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, amount);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await happen(() => {
    field.focus();
    field.form?.requestSubmit();
  });
}

it('bids: sorted by amount, the highest announced; only active ones count', async () => {
  const mounted = await mount(
    <stage.LiveBidding campaignId="7" nameOf={(id) => id.toUpperCase()} />,
  );
  await rowsOf(stage, 'bids:7', [
    bid('1', 10, { status: 'outbid' }),
    bid('2', 20),
    bid('3', 30, { status: 'withdrawn' }),
  ]);
  expect(texts(mounted, '.tw-bid-amount')).toEqual(['€30.00', '€20.00', '€10.00']);
  expect(find(mounted, '.tw-bid-highest').textContent).toBe('Highest bid: €20.00 by BOB');
  expect(reported(mounted)).toEqual(['Highest bid: €20.00 by BOB']);
  expect(mounted.element.querySelector('form')).toBeNull();
});

it('an own bid is shown at once; rejected, it is rolled back and the form shows the error', async () => {
  const mounted = await mount(<stage.LiveBidding campaignId="7" bidderId="ann" />);
  await rowsOf(stage, 'bids:7', [bid('1', 10)]);
  expect(mounted.text).toContain('More than €10.00');
  await offer(mounted, '12');
  const [, mutation, , action, , row] = stage.engine.of('mutate')[0] ?? [];
  expect(action).toBe(0);
  expect(JSON.parse(row as string)).toEqual({
    ...{ campaign_id: '7', bidder_id: 'ann', amount: 12, currency: 'EUR', status: 'active' },
  });
  const mine = bid('tmp:1', 12, { bidder_id: 'ann' });
  await rowsOf(stage, 'bids:7', [bid('1', 10), mine], { pending: [[mutation, 'tmp:1']] });
  expect(texts(mounted, '.tw-bid')[0]).toBe('€12.00youBeing placed');
  // It counts as the highest only once the server has confirmed it.
  expect(find(mounted, '.tw-bid-highest').textContent).toContain('€10.00');
  await happen(() => report(stage.engine).mutation(mutation, 'failed', engineError('rejected')));
  await rowsOf(stage, 'bids:7', [bid('1', 10)]);
  const alert = find(mounted, 'form [role=alert]');
  expect(alert.textContent).toBe('Your bid of €12.00 was not taken: It is rejected.');
  const field = mounted.element.querySelector('input');
  expect(field?.value).toBe('12');
  expect(field?.getAttribute('aria-invalid')).toBe('true');
  expect(field?.getAttribute('aria-describedby')).toContain(alert.id);
  expect(document.activeElement).toBe(field);
  expect(texts(mounted, '.tw-bid-amount')).toEqual(['€10.00']);
});

it('an invalid amount is not sent; onBid replaces the insert', async () => {
  const onBid = vi.fn(() => Promise.reject(Error('too late')));
  const mounted = await mount(
    <stage.LiveBidding items={[]} bidderId="ann" currency="USD" onBid={onBid} />,
  );
  await offer(mounted, '-3');
  expect(find(mounted, '[role=alert]').textContent).toBe('Enter an amount greater than 0.');
  expect(onBid).not.toHaveBeenCalled();
  await offer(mounted, '3');
  expect(onBid).toHaveBeenCalledExactlyOnceWith(3);
  expect(find(mounted, '[role=alert]').textContent).toBe(
    'Your bid of $3.00 was not taken: too late',
  );
});

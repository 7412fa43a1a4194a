/** What the types of the components allow and forbid. `tsc` checks it; nothing here runs. */
import { createElement, type ReactNode } from 'react';
import { expectTypeOf } from 'vitest';
import {
  type Bid,
  CallTracker,
  LiveBidding,
  LiveFeed,
  NotificationToast,
  RealtimeChart,
  type ToastItem,
  type TrackedCall,
} from '../../../pkg-template/src/components/index.js';
import type { CollectionOptions } from '../../../pkg-template/src/index.js';
import { type CollectionView, useCollection } from '../../../pkg-template/src/react/index.js';
import { bids, calls, notifications } from '../../../pkg-template/src/services/index.js';

interface Call extends TrackedCall {
  status: 'ringing' | 'connected' | 'completed';
  campaign_id: string;
}

/** A channel and its options, as a service of an app returns them. */
declare const at: { channel: string; options: CollectionOptions<Call> };
declare const load: () => Promise<Call[]>;

export function useRows(): ReactNode[] {
  const collection = useCollection<Call>('calls:1', { load });
  expectTypeOf(collection).toEqualTypeOf<CollectionView<Call>>();
  return [
    CallTracker({ campaignId: '1', load, renderItem: (call) => call.caller_number }),
    CallTracker<Call>({ ...at, renderItem: ({ campaign_id: id }) => id }),
    CallTracker({ collection, renderItem: ({ campaign_id: id }) => id }),
    CallTracker({ items: collection.items, 'aria-label': 'Calls', onClick: () => {} }),
    // @ts-expect-error: a call has an id and a status
    CallTracker({ items: [{ caller_number: '1' }] }),
    // @ts-expect-error: texts are typed
    CallTracker({ items: [], texts: { summary: 'none' } }),
    // @ts-expect-error: no such prop
    CallTracker({ items: [], campagnId: '1' }),
  ];
}

interface Line {
  id: string;
  text: string;
}

export function feeds(): ReactNode[] {
  return [
    LiveFeed<Line>({ channel: 'room', of: 'messages', renderItem: ({ text }) => text }),
    LiveFeed({ items: [{ id: '1', text: 'a' }], renderItem: ({ text }) => text }),
    LiveFeed<Line>({ channel: 'room', options: { sort: (a, b) => a.text.localeCompare(b.text) } }),
    // @ts-expect-error: no such field
    LiveFeed<Line>({ channel: 'room', renderItem: ({ title }) => title }),
    RealtimeChart<{ n: number }>({ channel: 'numbers', value: ({ n }) => ({ n, none: null }) }),
    // @ts-expect-error: a value is a number, or several
    RealtimeChart<Line>({ channel: 'numbers', value: ({ text }) => text }),
    // @ts-expect-error: there is no chart without values
    RealtimeChart<Line>({ channel: 'numbers' }),
  ];
}

interface Notice extends ToastItem {
  category: 'system' | 'payment';
}

export function others(): void {
  createElement(NotificationToast<Notice>, { userId: 'ann', onClose: ({ category }) => category });
  createElement(LiveBidding<Bid & { note: string }>, { renderItem: ({ note }) => note });
  // @ts-expect-error: no such status
  createElement(LiveBidding, { items: [{ id: '1', bidder_id: 'a', amount: 1, status: 'lost' }] });
}

export function services(): ReactNode[] {
  return [
    CallTracker({ ...calls().calls.at(7), renderItem: ({ provider }) => provider }),
    LiveBidding({ ...bids().bids.at(7), bidderId: 'ann' }),
    NotificationToast({
      ...notifications().notifications.at('ann'),
      renderItem: (n) => n.category,
    }),
    LiveFeed({ ...calls().calls.at(7), renderItem: ({ tracking_number: number }) => number }),
  ];
}

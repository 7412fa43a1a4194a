'use client';

import {
  ActiveUsers,
  CallDuration,
  CallTracker,
  ConnectionIndicator,
  LiveBidding,
  LiveFeed,
  NotificationToast,
  OnlineStatus,
  RealtimeChart,
  TypingIndicator,
} from 'tidewire/components';
import 'tidewire/components.css';

const call = {
  id: '1',
  ...{ status: 'completed', caller_number: '+1 555 0100', duration_seconds: 65, payout: 1_234.5 },
};
const bid = { id: '1', bidder_id: 'bob', amount: 1_234.5, currency: 'EUR' };
const notice = { id: '1', title: 'Welcome', autoClose: false };
const rows = Array.from({ length: 200 }, (_, n) => ({
  id: n,
  title: `Row ${n}`,
  created_at: '2026-01-01T12:34:56Z',
}));

/** Every component, with content that is formatted in another way elsewhere. */
export function Gallery() {
  return (
    <main>
      <h1>Components</h1>
      <ConnectionIndicator /> <OnlineStatus />
      <CallDuration call={{ started_at: '2026-01-01T12:00:00Z' }} />
      <CallTracker items={[call]} />
      <LiveBidding items={[bid]} />
      <LiveFeed items={rows} />
      <ActiveUsers channel="room" me={{ name: 'visitor' }} />
      <TypingIndicator channel="room" />
      <RealtimeChart<{ n: number }> channel="numbers" value={({ n }) => n} />
      <NotificationToast items={[notice]} />
    </main>
  );
}

import {
  addNotification,
  CallTracker,
  NotificationToast,
  OnlineStatus,
  RealtimeErrorBoundary,
  useRealTimeCallCount,
  useRealTimeCallUpdates,
  useRealTimeStats,
  useRealtimeChannel,
} from 'tidewire/legacy/supabase-hooks';
import { Figures } from '../../../pane/figures.tsx';
import { CallButtons } from './call-buttons.tsx';
import './marketplace.css';

const SUPPLIER = '1';
const CAMPAIGN = '2';

const number = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 });
const formatCount = (value: number | undefined): string =>
  value === undefined ? '–' : number.format(value);

/** The example app of the legacy documentation. */
export function Marketplace() {
  return (
    <RealtimeErrorBoundary featureName="Call tracking">
      <div className="part-line">
        <OnlineStatus />
        <CallButtons campaign={CAMPAIGN} supplier={SUPPLIER} />
      </div>
      <Supplier />
      <div className="part">
        <h3>Calls of the campaign</h3>
        <CallTracker campaignId={CAMPAIGN} />
      </div>
      <NotificationToast />
    </RealtimeErrorBoundary>
  );
}

function Supplier() {
  const newest = useRealTimeCallUpdates(SUPPLIER)[0];
  const active = useRealTimeCallCount(SUPPLIER);
  const stats = useRealTimeStats(SUPPLIER);
  useRealtimeChannel<{ caller_number?: string }>('calls', 'INSERT', (payload) => {
    if (payload.eventType !== 'INSERT') return;
    addNotification({ type: 'info', title: `A call from ${payload.new.caller_number}` });
  });
  return (
    <Figures
      label="The supplier’s calls"
      figures={[
        { name: 'Active', value: String(active) },
        { name: 'Calls', value: formatCount(stats?.totalCalls) },
        { name: 'Revenue', value: formatCount(stats?.revenue) },
        { name: 'Newest', value: newest?.status ?? '–' },
      ]}
    />
  );
}

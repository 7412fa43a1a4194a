/** An app of the call marketplace with nothing changed but the imports: every hook and component of it, in StrictMode. */
import { createClient } from '@supabase/supabase-js';
import { type ReactNode, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { configureLegacy } from 'tidewire/legacy';
import {
  addNotification,
  CallTracker,
  NotificationToast,
  OnlineStatus,
  RealtimeErrorBoundary,
  removeNotification,
  useCallSubscription,
  useCampaignSubscription,
  useNotificationStore,
  useNotifications,
  usePostCommentsChannel,
  usePostViewsChannel,
  useRealTimeCallCount,
  useRealTimeCallUpdates,
  useRealTimeStats,
  useRealtimeChannel,
  useRealtimeSubscription,
  useRealtimeWithRetry,
  useStatsSubscription,
} from 'tidewire/legacy/supabase-hooks';
import { createSupabaseRealtime } from 'tidewire/supabase';

const query = new URLSearchParams(location.search);
const supabase = createClient(query.get('url') ?? '', query.get('key') ?? '', {
  auth: { persistSession: false, autoRefreshToken: false },
});
const client = createSupabaseRealtime(supabase, {
  reconnect: { baseMs: 20, maxMs: 200 },
  lingerMs: 0,
});
configureLegacy({ client, supabase });

/** A list with a test id. */
function Lines({ of, lines }: { of: string; lines: readonly ReactNode[] }): ReactNode {
  return (
    <ul data-testid={of}>
      {lines.map((line, at) => (
        <li key={at}>{line}</li>
      ))}
    </ul>
  );
}

/** Returns lines, and a function that adds one. */
function useLog(): [lines: string[], add: (line: string) => void] {
  const [lines, setLines] = useState<string[]>([]);
  return [lines, (line) => setLines((before) => [...before, line])];
}

interface Call {
  id: string;
  status: string;
}

/** The README's own tracker, with a new callback in every render. */
function ReadmeTracker(): ReactNode {
  const [calls, setCalls] = useState<Call[]>([]);
  useRealtimeChannel<Call>('calls:campaign=1', '*', (payload) => {
    if (payload.eventType === 'INSERT') {
      setCalls((prev) => [...prev, payload.new]);
    } else if (payload.eventType === 'UPDATE') {
      setCalls((prev) => prev.map((call) => (call.id === payload.new.id ? payload.new : call)));
    }
  });
  return <Lines of="readme" lines={calls.map(({ id, status }) => `${id} ${status}`)} />;
}

function Setup(): ReactNode {
  const [lines, add] = useLog();
  const channel = useRealtimeChannel('campaign-changes', (room) => {
    room
      .on('postgres_changes', { event: '*', schema: 'public', table: 'campaigns' }, (change) =>
        add(`${change.eventType} ${change.eventType === 'DELETE' ? '' : change.new.name}`),
      )
      .subscribe();
  });
  return <Lines of="setup" lines={[channel?.subTopic ?? 'none', ...lines]} />;
}

function Post(): ReactNode {
  const [lines, add] = useLog();
  usePostCommentsChannel('7', ({ new: row }) => add(`comment ${'body' in row && row.body}`));
  usePostViewsChannel('7', ({ new: row }) => add(`views ${'count' in row && row.count}`));
  return <Lines of="post" lines={lines} />;
}

function Retry(): ReactNode {
  const { status, retryCount, error } = useRealtimeWithRetry('retried', 100);
  return (
    <p data-testid="retry">{`${status} ${retryCount > 0 ? 'again' : ''} ${error?.name ?? ''}`}</p>
  );
}

function Subscription(): ReactNode {
  const [lines, add] = useLog();
  const { isConnected, isConnecting, error, lastEvent, subscribe, unsubscribe, channel } =
    useRealtimeSubscription<Call>({
      table: 'calls',
      filter: 'supplier_id=eq.s',
      onInsert: ({ new: row }) => add(`insert ${row.id}`),
      onUpdate: ({ new: row }) => add(`update ${row.id}`),
      onDelete: ({ old }) => add(`delete ${old.id}`),
    });
  const status = isConnected ? 'connected' : isConnecting ? 'connecting' : 'closed';
  return (
    <section data-testid="subscription">
      <p>{`${status} ${error ? 'error' : ''} ${lastEvent?.eventType ?? ''} ${channel ? 'open' : ''}`}</p>
      <Lines of="changes" lines={lines} />
      <button type="button" onClick={unsubscribe}>
        Leave
      </button>
      <button type="button" onClick={subscribe}>
        Join
      </button>
    </section>
  );
}

function Entities(): ReactNode {
  const [lines, add] = useLog();
  useCampaignSubscription('1', { onUpdate: ({ new: row }) => add(`campaign ${row.name}`) });
  useCallSubscription(
    { campaignId: '1', status: ['ringing', 'connected'] },
    { onChange: ({ eventType }) => add(`call ${eventType}`) },
  );
  const { stats } = useStatsSubscription('supplier_stats', 's', 50, { column: 'supplier_id' });
  return <Lines of="entities" lines={[`stats ${stats?.total_calls}`, ...lines]} />;
}

function Supplier(): ReactNode {
  const calls = useRealTimeCallUpdates('s');
  const stats = useRealTimeStats('s');
  const count = useRealTimeCallCount('s');
  return (
    <>
      <p data-testid="calls">{calls.map(({ id }) => id).join(' ')}</p>
      <p data-testid="stats">{JSON.stringify(stats)}</p>
      <p data-testid="count">{count}</p>
    </>
  );
}

function Toasts(): ReactNode {
  const count = useNotifications().length;
  const newest = useNotificationStore((state) => state.notifications.at(-1)?.id);
  return (
    <>
      <p data-testid="toasts">{count}</p>
      <button
        type="button"
        onClick={() => addNotification({ type: 'success', title: 'Paid', duration: 200 })}
      >
        Pay
      </button>
      <button
        type="button"
        onClick={() => addNotification({ type: 'error', title: 'Lost', autoClose: false })}
      >
        Lose
      </button>
      <button type="button" onClick={() => newest && removeNotification(newest)}>
        Remove newest
      </button>
      <NotificationToast />
    </>
  );
}

/** The number of renders of `Faulty` that throw. */
let faults = 0;

function Faulty(): ReactNode {
  const [, render] = useState(0);
  if (faults > 0) throw Error('WebSocket connection failed');
  const fail = (): void => {
    faults = 1;
    render(1);
  };
  return (
    <button type="button" onClick={fail}>
      Fail
    </button>
  );
}

function Boundary(): ReactNode {
  return (
    <RealtimeErrorBoundary
      featureName="Call Tracking"
      reconnectDelay={100}
      onReconnect={() => {
        faults = 0;
      }}
    >
      <Faulty />
    </RealtimeErrorBoundary>
  );
}

function App(): ReactNode {
  const [isShown, show] = useState(true);
  return (
    <>
      <button type="button" onClick={() => show(!isShown)}>
        Toggle
      </button>
      {isShown && (
        <>
          <OnlineStatus />
          <CallTracker campaignId="1" />
          <ReadmeTracker />
          <Setup />
          <Post />
          <Retry />
          <Subscription />
          <Entities />
          <Supplier />
          <Toasts />
          <Boundary />
        </>
      )}
    </>
  );
}

/** What the page exposes to tests. */
export interface MarketPage {
  /** The channels' states, by name. */
  channels(): [name: string, state: string][];
}

const market: MarketPage = {
  channels: () => client.getChannelStats().channels.map(({ key, state }) => [key, state]),
};
Object.assign(window, { market });

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

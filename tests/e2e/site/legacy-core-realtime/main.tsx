/** An app on the older civic module, in StrictMode. */
import { type ReactNode, StrictMode, useState } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { realtimeClient } from 'tidewire';
import { configureLegacy } from 'tidewire/legacy';
import * as core from 'tidewire/legacy/core-realtime';
import * as before from 'tidewire/legacy/core-realtime/before';
import * as config from 'tidewire/legacy/core-realtime/config';
import { BillTrackingService } from 'tidewire/legacy/core-realtime/services/bill-tracking';
import { UnifiedWebSocketManager } from 'tidewire/legacy/core-realtime/websocket/manager';
import { BillTracker, CommunityDiscussion, MyComponent } from './readme.js';

/** The results of the hooks, as last rendered. */
interface Views {
  bills: core.BillTracking;
  community: core.CommunityRealTime;
  engagement: core.RealTimeEngagement;
  socket: core.WebSocketView;
  hub: before.WebSocketHub;
  bill: before.BillRealTime;
  discussion: before.DiscussionRealTime;
  notifications: before.NotificationsView;
  billUpdates: readonly core.BillUpdate[];
  connection: ReturnType<typeof before.useWebSocketConnection>;
}

const query = new URLSearchParams(location.search);
const token = query.get('token') ?? '';

const page = {
  core,
  before,
  config,
  paths: { BillTrackingService, UnifiedWebSocketManager },
  client: realtimeClient,
  token,
  views: {} as Views,
  /** Renders these components, now. */
  show: (_names: string[]): void => {},
  /** The received events, by source. */
  received: [] as [by: string, value: unknown][],
  /** How often the components were rendered. */
  renders: 0,
};
export type CorePage = typeof page;
Object.assign(window, { page });

realtimeClient.configure({ reconnect: { baseMs: 20, maxMs: 200 } });
configureLegacy({
  env: { VITE_WS_URL: query.get('url') ?? '' },
  auth: () => ({ user: { id: query.get('user') ?? '' }, session: { access_token: token } }),
  ...(query.has('domains') && { topics: core.domainTopics }),
});

const COMPONENTS: Record<string, () => ReactNode> = {
  MyComponent: () => <MyComponent userToken={token} />,
  BillTracker: () => <BillTracker billId={1} />,
  OtherTracker: () => <BillTracker billId={1} />,
  CommunityDiscussion: () => <CommunityDiscussion billId={1} />,
  Bills() {
    page.views.bills = core.useBillTracking();
    page.renders += 1;
    return null;
  },
  Community() {
    page.views.community = core.useCommunityRealTime();
    return null;
  },
  Engagement() {
    page.views.engagement = core.useRealTimeEngagement();
    return null;
  },
  Socket() {
    page.views.socket = core.useWebSocket({
      subscriptions: [
        { type: 'bill', id: 7 },
        { type: 'community', id: 'general' },
      ],
    });
    return null;
  },
  Hub() {
    page.views.hub = before.useWebSocket({
      token,
      subscriptions: [{ type: 'bill', id: 8 }],
      handlers: { onBillUpdate: (update) => page.received.push(['hub', update.type]) },
    });
    return null;
  },
  Derived() {
    page.views.bill = before.useBillRealTime(9);
    page.views.discussion = before.useCommunityRealTime('general');
    page.views.notifications = before.useNotifications();
    page.views.billUpdates = before.useBillUpdates();
    page.views.connection = before.useWebSocketConnection();
    return null;
  },
};

function App(): ReactNode {
  const [names, setNames] = useState<string[]>([]);
  page.show = (next) => flushSync(() => setNames(next));
  return names.map((name) => {
    const Component = COMPONENTS[name];
    return Component && <Component key={name} />;
  });
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

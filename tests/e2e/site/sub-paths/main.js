import { OnlineStatus } from 'tidewire/components';
import 'tidewire/components.css';
import { realtimeClient } from 'tidewire';
import { BillTrackingService } from 'tidewire/legacy/core-realtime/services/bill-tracking';
import { useNotificationStore } from 'tidewire/legacy/supabase-hooks';
import { useConnection } from 'tidewire/react';
import { rest } from 'tidewire/services';
import { createSupabaseRealtime } from 'tidewire/supabase';

const imported = { OnlineStatus, BillTrackingService, useNotificationStore, useConnection, rest };
Object.assign(imported, { createSupabaseRealtime });
document.body.dataset.imported = Object.entries(imported)
  .filter(([, value]) => value)
  .map(([name]) => name)
  .join();
realtimeClient.configure({ url: new URLSearchParams(location.search).get('url') });
realtimeClient.subscribe('news', {}, (message) => {
  document.body.dataset.received = JSON.stringify(message);
});
realtimeClient.send('news', { from: document.title });

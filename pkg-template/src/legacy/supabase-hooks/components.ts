/** The three components that the legacy documentation has code for, with their class names and props. */
import { createElement as h, type ReactNode, useCallback, useSyncExternalStore } from 'react';
import type { State } from '../../index.js';
import { useOnlineStatus } from '../../react/index.js';
import { legacyConfig } from '../index.js';
import type { Call } from './entities.js';
import { removeNotification, useNotifications } from './notifications.js';
import { rowFilter } from './row-filter.js';
import { useTableRows } from './use-table-rows.js';

/**
 * Shows the calls of a campaign by `created_at`, oldest first.
 *
 * @deprecated Use `CallTracker` of `tidewire/components`.
 */
export function CallTracker({ campaignId }: { campaignId: string }): ReactNode {
  const calls = useTableRows<Call>(campaignId && `calls:campaign=${campaignId}`, {
    table: 'calls',
    filter: rowFilter(['campaign_id', campaignId]) ?? '',
    narrow: (query) => query.eq('campaign_id', campaignId).order('created_at', { ascending: true }),
  });
  const lines = calls.map(({ id, caller_number, status }) =>
    h('li', { key: id, className: `call-status ${status}` }, `${caller_number ?? id}: ${status}`),
  );
  return h('div', { className: 'call-tracker' }, h('ul', { 'aria-label': 'Calls' }, lines));
}

/** States in which no message can be received. */
const DOWN: readonly State[] = ['offline', 'reconnecting', 'failed', 'closed'];

/**
 * Shows whether the data is live: the browser has a network, and the connection, if one is needed, is open.
 *
 * @deprecated Use `OnlineStatus` of `tidewire/components`.
 */
export function OnlineStatus(): ReactNode {
  const hasNetwork = useOnlineStatus();
  const { client } = legacyConfig();
  const isUp = useSyncExternalStore(
    useCallback(
      (listener: () => void) =>
        client.state === 'closed' ? () => {} : client.on('state', listener),
      [client],
    ),
    () => !DOWN.includes(client.state),
    () => true,
  );
  const isLive = hasNetwork && isUp;
  return h(
    'div',
    { role: 'status', className: `status-indicator ${isLive ? 'online' : 'offline'}` },
    isLive ? 'Live' : 'Offline',
  );
}

/**
 * Shows the notifications of {@link useNotifications}, each with a button that closes it.
 *
 * @deprecated Use `NotificationToast` of `tidewire/components`.
 */
export function NotificationToast(): ReactNode {
  const toasts = useNotifications().map(({ id, type, title, message }) =>
    h(
      'div',
      { key: id, className: `notification ${type}`, role: type === 'error' ? 'alert' : 'status' },
      title && h('strong', null, title),
      message && h('span', null, message),
      h(
        'button',
        { type: 'button', 'aria-label': 'Close', onClick: () => removeNotification(id) },
        '×',
      ),
    ),
  );
  return h('div', { className: 'notification-container' }, toasts);
}

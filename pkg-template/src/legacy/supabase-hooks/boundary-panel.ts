/** The panel that an error boundary shows instead of its children. */
import { createElement as h, type ReactNode } from 'react';
import type {
  BoundaryFailure,
  RealtimeErrorBoundaryProps,
  RealtimeErrorKind,
} from './boundary-types.js';

const TITLES: Record<RealtimeErrorKind, string> = {
  websocket: 'Real-time Connection Error',
  connection: 'Real-time Connection Error',
  timeout: 'Request Timeout',
  data_sync: 'Data Sync Error',
  unknown: 'Real-time Error',
};

const STATUSES: Record<BoundaryFailure['status'], string> = {
  connected: 'Connected',
  disconnected: 'Disconnected',
  reconnecting: 'Reconnecting…',
  error: 'Error',
};

const button = (text: string, onClick: (() => void) | undefined): ReactNode =>
  onClick && h('button', { type: 'button', onClick }, text);

/** The panel with the title, the error, the status and the actions. */
export function BoundaryPanel({
  kind,
  status,
  reconnect,
  featureName = 'Real-time',
  onFallbackToPolling,
  onRefresh,
}: BoundaryFailure & RealtimeErrorBoundaryProps): ReactNode {
  const isLost = kind === 'websocket' || kind === 'connection';
  return h(
    'div',
    { role: 'alert', className: 'realtime-error-boundary', 'data-status': status },
    h('h3', null, TITLES[kind]),
    h('p', null, `The ${featureName} feature is temporarily unavailable.`),
    h('p', { className: 'connection-status' }, STATUSES[status]),
    button(isLost ? 'Reconnect Now' : 'Try Again', reconnect),
    button('Continue with Limited Features', onFallbackToPolling),
    button('Refresh Page', onRefresh),
  );
}

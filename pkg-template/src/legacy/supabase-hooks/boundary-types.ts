/** The types of the error boundary for realtime components. */
import type { ComponentType, ErrorInfo, ReactNode } from 'react';

/** The kinds of errors that a boundary distinguishes. */
export type RealtimeErrorKind = 'websocket' | 'timeout' | 'connection' | 'data_sync' | 'unknown';

/** The patterns of error messages by kind; the first match applies. */
const PATTERNS: readonly (readonly [RealtimeErrorKind, RegExp])[] = [
  ['websocket', /web ?socket/i],
  ['timeout', /time(d )?[ -]?out/i],
  ['connection', /connect|network|offline/i],
  ['data_sync', /sync|data/i],
];

export const errorKindOf = ({ message }: Error): RealtimeErrorKind =>
  PATTERNS.find(([, pattern]) => pattern.test(message))?.[0] ?? 'unknown';

/** The status of the boundary's children; `disconnected` while the browser has no network. */
export type BoundaryStatus = 'connected' | 'disconnected' | 'reconnecting' | 'error';

export interface BoundaryFailure {
  readonly error: Error;
  /** The kind of error, determined by its message. */
  readonly kind: RealtimeErrorKind;
  readonly status: BoundaryStatus;
  /** The number of automatic retries. */
  readonly attempts: number;
  readonly reconnect: () => void;
}

export interface RealtimeErrorBoundaryProps {
  children?: ReactNode;
  /** Called with each error that was caught. */
  onError?: ((error: Error, info: ErrorInfo) => void) | undefined;
  /** Called before each retry, which waits for its promise. */
  onReconnect?: (() => void | Promise<void>) | undefined;
  /** Called when the user chooses to continue without live data. The button is shown only with this. */
  onFallbackToPolling?: (() => void) | undefined;
  /** Called when the user chooses to reload the page. The button is shown only with this. */
  onRefresh?: (() => void) | undefined;
  /** Shown instead of the panel: an element, or a component that receives the failure as its props. */
  fallbackComponent?: ReactNode | ComponentType<BoundaryFailure>;
  /** The name of the feature, as shown to the user. Default `Real-time`. */
  featureName?: string | undefined;
  /** Whether it retries automatically. Default `true`. */
  enableAutoReconnect?: boolean | undefined;
  /** The maximum number of retries in a row. Default 5. */
  maxReconnectAttempts?: number | undefined;
  /** The delay before the first retry, in milliseconds; it doubles with each retry, up to 30 s. Default 1000. */
  reconnectDelay?: number | undefined;
}

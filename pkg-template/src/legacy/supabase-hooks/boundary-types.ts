/** The types of a boundary for what fails live. */
import type { ComponentType, ErrorInfo, ReactNode } from 'react';

/** The kinds of errors that a boundary distinguishes. */
export type RealtimeErrorKind = 'websocket' | 'timeout' | 'connection' | 'data_sync' | 'unknown';

/** The first that fits counts. */
const PATTERNS: readonly (readonly [RealtimeErrorKind, RegExp])[] = [
  ['websocket', /web ?socket/i],
  ['timeout', /time(d )?[ -]?out/i],
  ['connection', /connect|network|offline/i],
  ['data_sync', /sync|data/i],
];

export const errorKindOf = ({ message }: Error): RealtimeErrorKind =>
  PATTERNS.find(([, pattern]) => pattern.test(message))?.[0] ?? 'unknown';

/** How what is inside fares: `disconnected` while the browser has no network. */
export type BoundaryStatus = 'connected' | 'disconnected' | 'reconnecting' | 'error';

export interface BoundaryFailure {
  readonly error: Error;
  /** What kind it is, by its message. */
  readonly kind: RealtimeErrorKind;
  readonly status: BoundaryStatus;
  /** How often it was tried again by itself. */
  readonly attempts: number;
  readonly reconnect: () => void;
}

export interface RealtimeErrorBoundaryProps {
  children?: ReactNode;
  /** Called with each error that was caught. */
  onError?: ((error: Error, info: ErrorInfo) => void) | undefined;
  /** Called before each new try, which waits for it. */
  onReconnect?: (() => void | Promise<void>) | undefined;
  /** Called when the user chooses to continue without live data. The button is shown only with this. */
  onFallbackToPolling?: (() => void) | undefined;
  /** Called when the user chooses to reload the page. The button is shown only with this. */
  onRefresh?: (() => void) | undefined;
  /** Shown instead of the panel: an element, or a component with what failed as its props. */
  fallbackComponent?: ReactNode | ComponentType<BoundaryFailure>;
  /** What the people call what failed. Default `Real-time`. */
  featureName?: string | undefined;
  /** Whether it tries again by itself. Default `true`. */
  enableAutoReconnect?: boolean | undefined;
  /** How often in a row. Default 5. */
  maxReconnectAttempts?: number | undefined;
  /** The pause before the first try, in milliseconds; it doubles from one to the next, up to 30 s. Default 1000. */
  reconnectDelay?: number | undefined;
}

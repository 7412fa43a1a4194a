/** The error boundary for realtime components. */
import { Component, createElement, type ErrorInfo, type ReactNode } from 'react';
import { callSafely } from '../listeners.js';
import { BoundaryPanel } from './boundary-panel.js';
import {
  type BoundaryFailure,
  type BoundaryStatus,
  errorKindOf,
  type RealtimeErrorBoundaryProps,
} from './boundary-types.js';
import { after, type Cancel } from './deadlines.js';

/** The longest delay of a retry, and the time without an error after which their count is reset. */
const MAX_DELAY_MS = 30_000;

type BoundaryState =
  | { status: 'connected'; error: null }
  | { status: Exclude<BoundaryStatus, 'connected'>; error: Error };

/**
 * Catches errors of its children, shows them, and renders the children again.
 *
 * @deprecated Hooks of `tidewire/react` throw nothing while a connection is down: use `useConnection` and a
 * boundary of the app's own.
 */
export class RealtimeErrorBoundary extends Component<RealtimeErrorBoundaryProps, BoundaryState> {
  override state: BoundaryState = { status: 'connected', error: null };
  #attempts = 0;
  #triedAt = 0;
  #next: Cancel | undefined;

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { status: 'error', error: error instanceof Error ? error : Error(String(error)) };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    callSafely(this.props.onError, error, info);
    if (performance.now() - this.#triedAt > MAX_DELAY_MS) this.#attempts = 0;
    this.#schedule();
  }

  override componentDidMount(): void {
    // StrictMode unmounts and mounts it once more.
    if (this.state.error) this.#schedule();
  }

  override componentWillUnmount(): void {
    this.#cancel();
  }

  override render(): ReactNode {
    const { status, error } = this.state;
    if (!error) return this.props.children;
    const { fallbackComponent: fallback } = this.props;
    const failure: BoundaryFailure = {
      error,
      kind: errorKindOf(error),
      status,
      attempts: this.#attempts,
      reconnect: this.#reconnect,
    };
    if (typeof fallback === 'function') return createElement(fallback, failure);
    return fallback ?? createElement(BoundaryPanel, { ...this.props, ...failure });
  }

  /** Retries for the user, and resets the count of retries. */
  readonly #reconnect = (): void => {
    this.#attempts = 0;
    void this.#retry();
  };

  #cancel(): void {
    this.#next?.();
    this.#next = undefined;
    removeEventListener('online', this.#online);
  }

  readonly #online = (): void => void this.#retry();

  /** Schedules a retry after a delay, or once there is a network. */
  #schedule(): void {
    this.#cancel();
    const {
      enableAutoReconnect = true,
      maxReconnectAttempts = 5,
      reconnectDelay = 1_000,
    } = this.props;
    if (!enableAutoReconnect || this.#attempts >= maxReconnectAttempts) return;
    const delay = Math.min(reconnectDelay * 2 ** this.#attempts, MAX_DELAY_MS);
    this.#setStatus('reconnecting');
    this.#next = after(delay, () => {
      if (navigator.onLine) {
        this.#attempts += 1;
        void this.#retry();
      } else {
        this.#setStatus('disconnected');
        addEventListener('online', this.#online);
      }
    });
  }

  #setStatus(status: 'reconnecting' | 'disconnected'): void {
    this.setState(({ error }) => (error ? { status, error } : null));
  }

  async #retry(): Promise<void> {
    this.#cancel();
    try {
      await this.props.onReconnect?.();
    } catch (error) {
      // The app's `onReconnect` failed, which counts as another failure.
      this.setState({ status: 'error', error: error as Error }, () => this.#schedule());
      return;
    }
    this.#triedAt = performance.now();
    this.setState({ status: 'connected', error: null });
  }
}

/** What becomes of a client whose engine cannot work. */
import type { Ledger, Subscriber } from './client-state.js';
import type { RealtimeError } from './errors.js';

/** Whether somebody waits for `connect()`, who gets the error if it fails. */
export const isAwaited = ({ waiting }: Ledger): boolean =>
  [...waiting].some(([ready]) => ready.isObserved);

/** Shows an error on a subscription, and hands it to its `onError`. */
export function refuse(ledger: Ledger, subscriber: Subscriber, error: RealtimeError): void {
  subscriber.view = { ...subscriber.view, state: 'failed', error };
  subscriber.rows?.show({ isLoading: false, error });
  ledger.call(subscriber.options.onError, error);
}

/**
 * Settles everything pending with an error. Subscriptions stay: the next call starts an engine, and they
 * work with it.
 *
 * @returns whether the app got the error: by an `onError`, or by a promise that it waits for
 */
export function fail(ledger: Ledger, error: RealtimeError): boolean {
  let isHandled = isAwaited(ledger);
  ledger.engine = 'absent';
  ledger.intent = undefined;
  ledger.log.clear();
  for (const send of ledger.sends.values()) {
    isHandled ||= send.sent.acked.isObserved;
    ledger.settle(send, error);
  }
  const subscribers = [...ledger.subscribers];
  for (const subscriber of subscribers) ledger.log.set(subscriber, 'subscribe');
  for (const subscriber of subscribers) {
    isHandled ||= !!subscriber.options.onError;
    if (ledger.subscribers.has(subscriber)) refuse(ledger, subscriber, error);
  }
  ledger.update({ state: 'failed', error, queueDepth: 0 }, error.code);
  return isHandled;
}

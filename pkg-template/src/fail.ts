/** Fails a client whose engine cannot work. */
import type { ClientState, Subscriber } from './client-state.js';
import type { RealtimeError } from './errors.js';

/** Whether the app handles the promise of a `connect()`, which then rejects with the error. */
export const isAwaited = ({ waiting }: ClientState): boolean =>
  [...waiting].some(([ready]) => ready.isObserved);

/** Sets a subscriber to `failed` with an error, and calls its `onError`. */
export function rejectSubscriber(
  client: ClientState,
  subscriber: Subscriber,
  error: RealtimeError,
): void {
  subscriber.view = { ...subscriber.view, state: 'failed', error };
  subscriber.collectionState?.show({ isLoading: false, error });
  client.call(subscriber.options.onError, error);
}

/**
 * Rejects everything pending with an error. Subscriptions stay: they are subscribed again when the next call
 * starts an engine.
 *
 * @returns whether the app received the error: by an `onError`, or by a promise that it handles
 */
export function fail(client: ClientState, error: RealtimeError): boolean {
  let isHandled = isAwaited(client);
  client.engine = 'absent';
  client.intent = undefined;
  client.log.clear();
  for (const send of client.sends.values()) {
    isHandled ||= send.sent.acked.isObserved;
    client.settle(send, error);
  }
  const subscribers = [...client.subscribers];
  for (const subscriber of subscribers) client.log.set(subscriber, 'subscribe');
  for (const subscriber of subscribers) {
    isHandled ||= !!subscriber.options.onError;
    if (client.subscribers.has(subscriber)) rejectSubscriber(client, subscriber, error);
  }
  client.update({ state: 'failed', error, queueDepth: 0 }, error.code);
  return isHandled;
}

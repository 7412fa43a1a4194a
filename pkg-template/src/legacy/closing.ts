/** Closes a connection that others may be using. */
import type { RealtimeClient } from '../index.js';

/**
 * Reverts a `connect()` of an older client, whose own subscriptions have ended: closes the connection, unless
 * others on the page are still subscribed. It is then closed after the last of them.
 */
export function closing(client: RealtimeClient): void {
  if (client.state !== 'closed' && !client.getMetrics().subscriberCount) client.disconnect();
}

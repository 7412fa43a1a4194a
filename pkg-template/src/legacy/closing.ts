/** Closing a connection that others may be using. */
import type { RealtimeClient } from '../index.js';

/**
 * Undoes a `connect()` of an older client, whose own subscriptions are gone: closes the connection, unless
 * somebody else on the page still subscribes. It then ends with the last of them.
 */
export function closing(client: RealtimeClient): void {
  if (client.state !== 'closed' && !client.getMetrics().subscriberCount) client.disconnect();
}

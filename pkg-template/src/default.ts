/** The default client, shared by all copies of the package on a page, and the legacy APIs on it. */
import { createRealtimeClient } from './client.js';
import type { ChannelOptions, Unsubscribe } from './common-types.js';
import {
  type ManagedChannel,
  type ManagedChannelOptions,
  managedChannel,
} from './managed-channel.js';
import type { MessageCallback, RealtimeClient } from './types.js';

/** The key of the shared client: the same for all copies of one major version, ES modules and CommonJS alike. */
const KEY = Symbol.for('tidewire@0');

type Page = { [KEY]?: RealtimeClient };

/** Returns a proxy of the page's client, which is the client of the copy of the package that was used first. */
const sharedClient = (own: RealtimeClient): RealtimeClient =>
  new Proxy(own, {
    get: (_, name) => {
      const page = globalThis as Page;
      // Registered at the first use, not before, so that importing has no effect.
      page[KEY] ??= own;
      return page[KEY][name as keyof RealtimeClient];
    },
  });

/**
 * The default client. It can be configured before or after its first use.
 *
 * ```ts
 * realtimeClient.configure({ url: 'wss://example.com/ws/realtime', getToken: () => session.token });
 * const unsubscribe = realtimeClient.subscribe('news', {}, (article) => show(article));
 * ```
 */
export const realtimeClient: RealtimeClient = /* @__PURE__ */ sharedClient(
  /* @__PURE__ */ createRealtimeClient(),
);

/**
 * Subscribes on {@link realtimeClient}. Not a React hook: it can be called anywhere.
 *
 * @returns a function that unsubscribes
 */
export const useRealtimeChannel = <T = unknown>(
  channel: string,
  options: ChannelOptions | undefined,
  callback?: MessageCallback<T> | null,
): Unsubscribe => realtimeClient.subscribe<T>(channel, options, callback);

/** The open channels of {@link realtimeClient}, under the name of the legacy registry. */
export const channelRegistry: Pick<RealtimeClient, 'getChannelStats'> = realtimeClient;

/** Channels of {@link realtimeClient} with the methods of the legacy manager. */
export const channelManager = {
  /**
   * Returns a channel by name. Nothing is sent before its `subscribe` or `send`.
   *
   * @throws RealtimeError `invalid_argument` if there is no name
   */
  getChannel: (options: ManagedChannelOptions): ManagedChannel =>
    managedChannel(realtimeClient, options),
};

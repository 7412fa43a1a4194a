/** The lazy client on the shared one: its subscriptions open the connection. */

import { Native, QUEUE_MAX_MESSAGES, Text } from '../../generated/facade.js';
import {
  type MessageMeta,
  type RealtimeClient,
  RealtimeError,
  type Unsubscribe,
} from '../../index.js';
import { closing, opening } from '../connection.js';
import { legacyConfig } from '../index.js';
import { log, logError } from './log.js';
import {
  LAZY_STATES,
  type LazyClient,
  type LazyHandler,
  type LazyMessage,
  type LazyMetrics,
} from './types.js';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the message merged with its envelope, whether or not this server sends one. */
export function wholeMessage(message: unknown, { channel, event }: MessageMeta): LazyMessage {
  return {
    type: Native.ChannelMessage,
    channel,
    ...(event !== undefined && { event }),
    ...(isRecord(message) ? message : { payload: message }),
  };
}

interface Subscription {
  key: string;
  handler: LazyHandler | null | undefined;
  /** Ends the subscription at the client; `undefined` while no user is signed in. */
  leave?: Unsubscribe;
}

/** The lazy client. There is one on a page. */
class SharedLazyClient implements LazyClient {
  readonly STATES = LAZY_STATES;
  readonly #subscriptions = new Set<Subscription>();
  /** Messages that are queued until there is a connection, which they do not open. */
  #waiting: [key: string, message: object][] = [];
  /** The client with this object's listeners, from the first use until `disconnect()`, and the last token that was set. */
  #watched: { client: RealtimeClient; token?: string | undefined; ends: Unsubscribe[] } | undefined;
  #connectionId: string | null = null;
  #connections = 0;
  /** Whether `connect()` was called without subscriptions, and keeps the connection open. */
  #connectRequested = false;

  get state() {
    return this.getState();
  }
  get connectionId() {
    return this.#connectionId;
  }
  get isAuthenticated() {
    return this.isReady();
  }
  get subscriberCount() {
    return this.#subscriptions.size;
  }

  async connect(): Promise<boolean> {
    const client = this.#watch();
    this.#applyAuth();
    if (client.isReady()) return true;
    if (this.getState() === 'connecting' || this.getState() === 'connected') return false;
    if (globalThis.document?.hidden !== false || !this.#isAuthorized()) return false;
    if (!this.#subscriptions.size) this.#connectRequested = true;
    client.connect();
    this.#flush();
    return opening(client, ['authenticating', 'ready']).then(
      () => true,
      () => false,
    );
  }

  disconnect(): void {
    this.#waiting = [];
    for (const subscription of this.#subscriptions) subscription.leave?.();
    this.#subscriptions.clear();
    this.#connectRequested = false;
    closing(this.#watch());
    for (const end of this.#watched?.ends ?? []) end();
    this.#watched = undefined;
    this.#connectionId = null;
  }

  subscribe(key: string, _options?: object | null, handler?: LazyHandler | null): Unsubscribe {
    if (typeof key !== 'string' || !key) {
      throw new RealtimeError(
        'invalid_argument',
        'A channel key is required.',
        `Give subscribe ${Text.Name}.`,
      );
    }
    this.#watch();
    const subscription: Subscription = { key, handler };
    this.#subscriptions.add(subscription);
    this.#applyAuth();
    return () => {
      if (!this.#subscriptions.delete(subscription)) return;
      subscription.leave?.();
      if (this.#subscriptions.size || !this.#connectRequested) return;
      this.#connectRequested = false;
      closing(this.#watch());
    };
  }

  send(key: string, message: object): void {
    const client = this.#watch();
    const isConnectionNeeded =
      this.#subscriptions.size > 0 || this.#connectRequested || client.isReady();
    if (isConnectionNeeded && this.#isAuthorized()) this.#transmit(key, message);
    else if (this.#waiting.length < QUEUE_MAX_MESSAGES) {
      this.#waiting.push([key, JSON.parse(JSON.stringify(message))]);
    } else
      logError(`More than ${QUEUE_MAX_MESSAGES} messages are queued; this one is dropped:`, key);
  }

  getState() {
    return legacyConfig().client.getState();
  }

  isReady(): boolean {
    return legacyConfig().client.isReady();
  }

  getMetrics(): LazyMetrics {
    return {
      ...legacyConfig().client.getMetrics(),
      subscriberCount: this.#subscriptions.size,
      channelCount: new Set([...this.#subscriptions].map(({ key }) => key)).size,
    };
  }

  /** Whether it may connect: with a configured `auth` only while a user is signed in. */
  #isAuthorized(): boolean {
    const { hasAuth, auth } = legacyConfig();
    return !hasAuth || !!auth.getSnapshot()?.session?.access_token;
  }

  /** Applies the signed-in user: sets the token, and joins or leaves the channels of all subscriptions. */
  #applyAuth(): void {
    const watched = this.#watched;
    if (!watched) return;
    const token = legacyConfig().auth.getSnapshot()?.session?.access_token;
    if (token !== watched.token) watched.client.setToken(token ?? null);
    watched.token = token;
    for (const subscription of this.#subscriptions) {
      if (this.#isAuthorized()) subscription.leave ??= this.#join(watched.client, subscription);
      else {
        // The subscription is kept, and joined when a user signs in.
        subscription.leave?.();
        delete subscription.leave;
      }
    }
    if (this.#subscriptions.size && this.#isAuthorized()) this.#flush();
  }

  #join(client: RealtimeClient, { key, handler }: Subscription): Unsubscribe {
    return client.subscribe(
      key,
      { onError: (error) => logError(`Channel ${key}:`, error) },
      handler && ((message, meta) => handler(wholeMessage(message, meta))),
    );
  }

  #transmit(key: string, message: object): void {
    legacyConfig()
      .client.send(key, message)
      .acked.catch((error) => logError(`Not sent to ${key}:`, error));
  }

  #flush(): void {
    for (const [key, message] of this.#waiting.splice(0)) this.#transmit(key, message);
  }

  /** Returns the configured client, with listeners added. */
  #watch(): RealtimeClient {
    const { client, auth } = legacyConfig();
    if (this.#watched?.client === client) return client;
    for (const end of this.#watched?.ends ?? []) end();
    this.#watched = {
      client,
      ends: [
        client.on('state', (state, { from }) => {
          this.#connectionId = state === 'ready' ? `connection-${++this.#connections}` : null;
          log('State change:', from, '→', state);
        }),
        client.on('error', (error) => logError(error.message, error)),
        auth.subscribe(() => this.#applyAuth()),
      ],
    };
    return client;
  }
}

/**
 * The lazy client: it connects with the first subscription, and disconnects when the last one has been removed for the
 * shared client's `lingerMs`.
 *
 * @deprecated Use `realtimeClient` of `tidewire`: the same, with acknowledged sends, presence and collections.
 */
export const realtimeClient: LazyClient = /* @__PURE__ */ new SharedLazyClient();

/**
 * Subscribes on {@link realtimeClient}. Not a React hook: it can be called anywhere.
 *
 * @param options ignored, as in the original
 * @returns a function that unsubscribes
 * @deprecated Use `useRealtimeChannel` of `tidewire`, or in components that of `tidewire/react`.
 */
export const useRealtimeChannel = (
  channelKey: string,
  options: object | null = {},
  onMessage: LazyHandler | null = null,
): Unsubscribe => realtimeClient.subscribe(channelKey, options, onMessage);

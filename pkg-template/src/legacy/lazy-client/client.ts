/** The lazy client on the shared one: its subscriptions are what connects. */
import { type RealtimeClient, RealtimeError, type Unsubscribe } from '../../index.js';
import { closing } from '../closing.js';
import { legacyConfig } from '../index.js';
import { opening } from '../opening.js';
import { log, logError } from './log.js';
import type { LazyClient, LazyHandler, LazyMetrics, LazyStates } from './types.js';
import { Waiting } from './waiting.js';
import { wholeMessage } from './whole-message.js';

const STATES: LazyStates = {
  DISCONNECTED: 'disconnected',
  CONNECTING: 'connecting',
  CONNECTED: 'connected',
  AUTHENTICATED: 'authenticated',
  ERROR: 'error',
};

/** One `subscribe`, from the call until it is taken back. */
interface Subscription {
  key: string;
  handler: LazyHandler | null | undefined;
  /** Ends the subscription at the client; absent while nobody is signed in. */
  leave?: Unsubscribe;
}

/** The lazy client. There is one on a page. */
class SharedLazyClient implements LazyClient {
  readonly STATES = STATES;
  readonly #subscriptions = new Set<Subscription>();
  readonly #waiting = new Waiting();
  /** What it listens to, from its first use until `disconnect()`, and the token it gave last. */
  #watched: { client: RealtimeClient; token?: string | undefined; ends: Unsubscribe[] } | undefined;
  #connectionId: string | null = null;
  /** Connections so far. */
  #connections = 0;
  /** Whether `connect()` was called with nothing subscribed, and holds. */
  #isHeld = false;

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
    this.#heed();
    if (client.isReady()) return true;
    if (this.getState() === 'connecting' || this.getState() === 'connected') return false;
    if (globalThis.document?.hidden !== false || !this.#maySpeak()) return false;
    if (!this.#subscriptions.size) this.#isHeld = true;
    client.connect();
    this.#waiting.flush(this.#transmit);
    return opening(client, ['authenticating', 'ready']).then(
      () => true,
      () => false,
    );
  }

  disconnect(): void {
    this.#waiting.clear();
    for (const subscription of this.#subscriptions) subscription.leave?.();
    this.#subscriptions.clear();
    this.#isHeld = false;
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
        'Give subscribe a non-empty string.',
      );
    }
    this.#watch();
    const subscription: Subscription = { key, handler };
    this.#subscriptions.add(subscription);
    this.#heed();
    return () => {
      if (!this.#subscriptions.delete(subscription)) return;
      subscription.leave?.();
      if (this.#subscriptions.size || !this.#isHeld) return;
      this.#isHeld = false;
      closing(this.#watch());
    };
  }

  send(key: string, message: object): void {
    const client = this.#watch();
    const isWanted = this.#subscriptions.size > 0 || this.#isHeld || client.isReady();
    if (isWanted && this.#maySpeak()) this.#transmit(key, message);
    else this.#waiting.add(key, message);
  }

  getState() {
    return legacyConfig().client.getState();
  }

  isReady(): boolean {
    return legacyConfig().client.isReady();
  }

  getMetrics(): LazyMetrics {
    const {
      connectTime,
      disconnectTime,
      totalUptime,
      currentUptime,
      connectionAttempts,
      successfulConnections,
      errors,
      isConnected,
    } = legacyConfig().client.getMetrics();
    return {
      connectTime,
      disconnectTime,
      totalUptime,
      currentUptime,
      connectionAttempts,
      successfulConnections,
      errors,
      isConnected,
      subscriberCount: this.#subscriptions.size,
      channelCount: new Set([...this.#subscriptions].map(({ key }) => key)).size,
    };
  }

  /** Without anybody signed in there is nothing to connect with, where the app says who is. */
  #maySpeak(): boolean {
    const { hasAuth, auth } = legacyConfig();
    return !hasAuth || !!auth.getSnapshot()?.session?.access_token;
  }

  /** Heeds who is signed in: whoever is takes part in the channels of all subscriptions. */
  #heed(): void {
    const watched = this.#watched;
    if (!watched) return;
    const token = legacyConfig().auth.getSnapshot()?.session?.access_token;
    if (token !== watched.token) watched.client.setToken(token ?? null);
    watched.token = token;
    for (const subscription of this.#subscriptions) {
      if (this.#maySpeak()) subscription.leave ??= this.#join(watched.client, subscription);
      else {
        // The subscription stays, until somebody signs in.
        subscription.leave?.();
        delete subscription.leave;
      }
    }
    if (this.#subscriptions.size && this.#maySpeak()) this.#waiting.flush(this.#transmit);
  }

  #join(client: RealtimeClient, { key, handler }: Subscription): Unsubscribe {
    return client.subscribe(
      key,
      { onError: (error) => logError(`Channel ${key}:`, error) },
      handler && ((message, meta) => handler(wholeMessage(message, meta))),
    );
  }

  readonly #transmit = (key: string, message: object): void => {
    legacyConfig()
      .client.send(key, message)
      .acked.catch((error) => logError(`Not sent to ${key}:`, error));
  };

  /** The client in force, listened to. */
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
        auth.subscribe(() => this.#heed()),
      ],
    };
    return client;
  }
}

/**
 * The lazy client: connects with the first subscription, and closes one second after the last.
 *
 * @deprecated Use `realtimeClient` of `tidewire`: the same, with acknowledged sends, presence and collections.
 */
export const realtimeClient: LazyClient = /* @__PURE__ */ new SharedLazyClient();

/**
 * Subscribes on {@link realtimeClient}. It is no React hook: it can be called anywhere.
 *
 * @param options taken and not used, as ever
 * @returns a function that unsubscribes
 * @deprecated Use `useRealtimeChannel` of `tidewire`, or in components that of `tidewire/react`.
 */
export const useRealtimeChannel = (
  channelKey: string,
  options: object | null = {},
  onMessage: LazyHandler | null = null,
): Unsubscribe => realtimeClient.subscribe(channelKey, options, onMessage);

/** The legacy connection manager, on the client that the page shares. */

import { Native } from '../../generated/facade.js';
import { type RealtimeClient, RealtimeError, type State, type Unsubscribe } from '../../index.js';
import { closing, opening } from '../connection.js';
import { legacyConfig } from '../index.js';
import { applyConfig, getWebSocketConfig, type WebSocketConfig } from './configuration.js';
import { EventEmitter } from './event-emitter.js';
import { billIdOf, fieldsOf, textOf } from './fields.js';
import { OpenTopics } from './open-topics.js';
import { canonical, EVERYTHING, topicsOf } from './topics.js';
import type {
  ConnectionQuality,
  ConnectionState,
  MessageHandler,
  SubscribeOptions,
  WebSocketMessage,
} from './types.js';
import { userOf } from './user.js';

/** The number of messages that are queued until `connect()`; beyond that the oldest is dropped. */
const QUEUE_LIMIT = 100;

/** The largest message, in bytes of its JSON. */
const MESSAGE_LIMIT = 1_048_576;

const CONNECTION_STATES: Record<State, ConnectionState> = {
  idle: 'disconnected',
  connecting: 'connecting',
  authenticating: 'connecting',
  ready: 'connected',
  reconnecting: 'reconnecting',
  // It reconnects when the page is visible again, or the network is back.
  paused: 'reconnecting',
  offline: 'reconnecting',
  failed: 'failed',
  closed: 'disconnected',
};

interface Subscription {
  topic: string;
  callback: MessageHandler;
  filters: [field: string, accepted: unknown][];
}

/** The state between `connect()` and `disconnect()`. */
interface Session {
  client: RealtimeClient;
  topics: OpenTopics;
  token: string | undefined;
  attempt: Promise<void> | undefined;
  ends: Unsubscribe[];
}

/**
 * Subscriptions to topics on one connection. Topics are channels of the shared client, which also sends pings,
 * reconnects, and queues messages while there is no connection.
 *
 * Events: `connected`, `disconnected`, `error`, `message`; `connectionChange` (whether it is connected now),
 * `stateChange` (the state), `change` (the state, the quality or the last error), and the events that the services
 * derive from messages: `billUpdate`, `engagementUpdate`, `typingIndicator`, `commentUpdate`, `voteUpdate`, `communityUpdate`,
 * `notification`.
 *
 * @deprecated Use `realtimeClient` of `tidewire`.
 */
export class UnifiedWebSocketManager extends EventEmitter {
  static #instance: UnifiedWebSocketManager | undefined;

  /** Returns the page's manager. The configuration of the first call is used; by default that of the environment. */
  static getInstance(config?: Partial<WebSocketConfig>): UnifiedWebSocketManager {
    UnifiedWebSocketManager.#instance ??= new UnifiedWebSocketManager(config);
    return UnifiedWebSocketManager.#instance;
  }

  readonly #config: Partial<WebSocketConfig> | undefined;
  readonly #subscriptions = new Map<string, Subscription>();
  #queue: WebSocketMessage[] = [];
  #session: Session | undefined;
  #state: ConnectionState = 'disconnected';
  /** Work to do at the client's next `batch` event; `undefined` if no message was received since the last one. */
  #unshown: (() => void)[] | undefined;
  #error: Error | null = null;

  constructor(config?: Partial<WebSocketConfig>) {
    super();
    this.#config = config;
  }

  /**
   * Connects, with a token if one is given. Calls with the same token share one attempt.
   *
   * @returns a promise that resolves when the client is authenticated; rejects if this attempt fails. The client keeps retrying
   * after that, until {@link disconnect}.
   */
  connect(token?: string): Promise<void> {
    const isNew = !this.#session;
    this.#session ??= this.#open();
    const session = this.#session;
    const { client } = session;
    const given = token ?? legacyConfig().auth.getSnapshot()?.session?.access_token;
    if (given !== undefined && given !== session.token) {
      session.token = given;
      session.attempt = undefined;
      client.setToken(given);
    }
    if (isNew) {
      for (const subscription of this.#subscriptions.values()) this.#enter(subscription);
      for (const message of this.#queue.splice(0)) this.#transmit(session, message);
    }
    client.connect();
    session.attempt ??= opening(client, ['ready']).finally(() => {
      session.attempt = undefined;
    });
    this.#follow();
    return session.attempt;
  }

  /** Ends all subscriptions, clears the queue, and closes the connection unless others need it. */
  disconnect(): void {
    this.#session?.topics.close();
    this.#subscriptions.clear();
    this.suspend();
  }

  /** Like {@link disconnect}, but the subscriptions are restored by the next {@link connect}. */
  suspend(): void {
    const session = this.#session;
    session?.topics.close();
    this.#queue = [];
    this.#error = null;
    if (!session) return;
    this.#session = undefined;
    for (const end of session.ends) end();
    closing(session.client);
    this.#show();
    this.#follow();
  }

  isConnected(): boolean {
    return this.getConnectionState() === 'connected';
  }

  getConnectionState(): ConnectionState {
    return this.#session ? CONNECTION_STATES[this.#session.client.state] : 'disconnected';
  }

  getConnectionQuality(): ConnectionQuality {
    const { quality = 'offline' } = this.#session?.client ?? {};
    return quality === 'offline' ? 'disconnected' : quality;
  }

  /** Returns the last error, until the connection has recovered. */
  getLastError(): Error | null {
    return this.#error;
  }

  /**
   * Subscribes to a topic, or with `*` to every message. It takes effect with {@link connect}.
   *
   * @returns the subscription's id
   */
  subscribe(topic: string, callback: MessageHandler, options: SubscribeOptions = {}): string {
    const name = Math.random().toString(36).slice(2).padEnd(9, '0').slice(0, 9);
    const id = `sub_${Date.now()}_${name}`;
    const subscription: Subscription = {
      topic: canonical(topic),
      callback,
      filters: Object.entries(options.filters ?? {}),
    };
    this.#subscriptions.set(id, subscription);
    this.#enter(subscription);
    return id;
  }

  /** Ends a subscription. Unknown ids are ignored. */
  unsubscribe(id: string): void {
    const subscription = this.#subscriptions.get(id);
    if (!subscription) return;
    this.#subscriptions.delete(id);
    if (subscription.topic !== EVERYTHING) this.#session?.topics.leave(subscription.topic);
  }

  getSubscriptionCount(): number {
    return this.#subscriptions.size;
  }

  /**
   * Sends a message to its `topic`, or to that of its ids. Before {@link connect} it is queued, with at most 99
   * others.
   *
   * @throws RealtimeError `message_too_large` above 1 MiB; TypeError if it is not JSON
   */
  send(message: WebSocketMessage): void {
    const text = JSON.stringify(message);
    if (new TextEncoder().encode(text).length > MESSAGE_LIMIT) {
      throw new RealtimeError(
        'message_too_large',
        `A message of more than ${MESSAGE_LIMIT} bytes cannot be sent.`,
        'Send a reference to what is that large.',
      );
    }
    if (this.#session) this.#transmit(this.#session, message);
    else this.#queue = [...this.#queue, JSON.parse(text)].slice(-QUEUE_LIMIT);
  }

  /** Runs `work` when views are to be updated: at the client's next batch, or in a microtask if nothing was received. */
  whenShown(work: () => void): void {
    if (this.#unshown) this.#unshown.push(work);
    else queueMicrotask(work);
  }

  #open(): Session {
    const { client } = legacyConfig();
    applyConfig(client, { ...getWebSocketConfig(), ...this.#config });
    const fail = (error: Error): void => {
      this.#error = error;
      this.emit('error', error);
      this.emit('change');
    };
    return {
      client,
      topics: new OpenTopics(client, {
        received: () => {
          this.#unshown ??= [];
        },
        deliver: (message) => this.#deliver(message),
        fail,
      }),
      token: undefined,
      attempt: undefined,
      ends: [
        client.on('state', () => this.#follow()),
        client.on('batch', () => this.#show()),
        client.on('quality', () => this.emit('change')),
        client.on('error', (error) => {
          if (!error.channel) fail(error);
        }),
      ],
    };
  }

  #enter({ topic }: Subscription): void {
    if (topic !== EVERYTHING) this.#session?.topics.enter(topic);
  }

  /** Emits the state of the connection, if it has changed. */
  #follow(): void {
    const state = this.getConnectionState();
    const before = this.#state;
    if (state === before) return;
    this.#state = state;
    if (state === 'connected') {
      this.#error = null;
      this.emit('connected');
      this.emit('connectionChange', true);
    } else if (before === 'connected') {
      this.emit('disconnected');
      this.emit('connectionChange', false);
    }
    this.emit('stateChange', state);
    this.emit('change');
  }

  #show(): void {
    const due = this.#unshown ?? [];
    this.#unshown = undefined;
    for (const work of due) work();
  }

  #deliver(message: WebSocketMessage): void {
    this.emit('message', message);
    const topics = new Set(topicsOf(message));
    for (const { topic, callback, filters } of [...this.#subscriptions.values()]) {
      if (topic !== EVERYTHING && !topics.has(topic)) continue;
      if (!filters.every(([field, accepted]) => [accepted].flat().includes(message[field])))
        continue;
      try {
        callback(message);
      } catch (error) {
        console.error(`A subscriber of ${topic} threw:`, error);
      }
    }
  }

  #transmit({ client, topics, token }: Session, message: WebSocketMessage): void {
    const { type = 'message' } = message;
    const [topic = Native.DefaultChannel] = topicsOf(message);
    const user = userOf(token);
    if (type === 'typing_start') {
      const { billId, parentId } = fieldsOf(message);
      topics.startTyping(topic, billIdOf(billId), textOf(parentId), user);
    } else if (type === 'typing_stop') {
      topics.stopTyping(topic);
    } else {
      const signed = user === undefined ? message : { user_id: user, ...message };
      const { acked } = client.send(topic, signed, { event: type });
      acked.catch((error) => this.emit('error', error));
    }
  }
}

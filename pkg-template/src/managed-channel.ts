/** A channel with the methods of the legacy channel manager. */
import type { ChannelOptions, Unsubscribe } from './common-types.js';
import { Emitter, rethrow } from './emitter.js';
import type { RealtimeError } from './errors.js';
import type { Ack } from './sent.js';
import type { Channel, RealtimeClient } from './types.js';
import { checkName } from './validate.js';

/** The options of a managed channel. */
export interface ManagedChannelOptions {
  /** The channel's name. */
  name: string;
  /** Whether `send` waits for the server's acknowledgement, where it sends one. Default `false`. */
  ack?: boolean;
}

/** The state of a managed channel. */
export interface ManagedChannelState {
  /** Whether the client is ready. */
  isConnected: boolean;
  /** Whether messages of the channel are received. */
  isSubscribed: boolean;
  /** Whether it is being joined. */
  isSubscribing: boolean;
  /** Why it failed, if it did. */
  error: RealtimeError | null;
}

/** A channel with the methods of the legacy channel manager. */
export interface ManagedChannel {
  /** Joins the channel; does nothing if it is subscribed. */
  subscribe(): void;
  /** Leaves it and removes all handlers. */
  unsubscribe(): void;
  /** Sends a message. Rejects with the reason if that fails. */
  send(message: unknown): Promise<Ack>;
  /** Listens to the messages that have this `type` member. */
  on<T = unknown>(type: string, handler: (message: T) => void): Unsubscribe;
  /** Listens to failures of the channel and errors thrown by handlers. */
  onError(handler: (error: RealtimeError) => void): Unsubscribe;
  /** Its state. */
  getState(): ManagedChannelState;
}

/** Makes a managed channel of a client. */
export function managedChannel(
  client: RealtimeClient,
  { name, ack = false }: ManagedChannelOptions,
): ManagedChannel {
  checkName(name, 'name');
  // Handlers of errors have the empty event.
  const handlers = new Emitter((error, type) => (type && handlers.has('') ? fail : rethrow)(error));
  const fail = (error: unknown): void => handlers.emit('', error);
  let handle: Channel | undefined;
  return {
    subscribe(): void {
      if (handle) return;
      handle = client.channel(name, {
        // Without a handler the error counts as unhandled.
        get onError() {
          return handlers.has('') ? fail : undefined;
        },
      } as ChannelOptions);
      handle.on('*', (message) => {
        handlers.emit(`.${(message as { type: string } | null)?.type}`, message);
      });
    },
    unsubscribe(): void {
      handle?.release();
      handle = undefined;
      handlers.clear();
    },
    send: async (message) => client.send(name, message, { ack }).acked,
    on: (type, handler) => handlers.on(`.${type}`, handler),
    onError: (handler) => handlers.on('', handler),
    getState: () => ({
      isConnected: client.isReady(),
      isSubscribed: /joined|ready/.test(handle?.state ?? ''),
      isSubscribing: handle?.state === 'joining',
      error: handle?.error ?? null,
    }),
  };
}

/** A channel with the methods of the older channel manager. */
import type { ChannelOptions, Unsubscribe } from './common-types.js';
import { Emitter, rethrow } from './emitter.js';
import type { RealtimeError } from './errors.js';
import type { Ack } from './sent.js';
import type { Channel, RealtimeClient } from './types.js';
import { checkName } from './validate.js';

/** Which channel, and how. */
export interface ManagedChannelOptions {
  /** The channel's name. */
  name: string;
  /** Whether `send` waits for the server's word, where it gives one. Default `false`. */
  ack?: boolean;
}

/** Where a managed channel stands. */
export interface ManagedChannelState {
  /** Whether the client is ready. */
  isConnected: boolean;
  /** Whether messages of the channel arrive. */
  isSubscribed: boolean;
  /** Whether it is being joined. */
  isSubscribing: boolean;
  /** Why it failed, if it did. */
  error: RealtimeError | null;
}

/** A channel with the methods of the older channel manager. */
export interface ManagedChannel {
  /** Joins the channel; does nothing if that was done. */
  subscribe(): void;
  /** Leaves it and takes all handlers off. */
  unsubscribe(): void;
  /** Sends a message. Rejects with the reason if that fails. */
  send(message: unknown): Promise<Ack>;
  /** Listens to the messages with this `type` of their own. */
  on<T = unknown>(type: string, handler: (message: T) => void): Unsubscribe;
  /** Told when the channel fails or a handler throws. */
  onError(handler: (error: RealtimeError) => void): Unsubscribe;
  /** Where it stands. */
  getState(): ManagedChannelState;
}

/** A managed channel of a client. */
export function managedChannel(
  client: RealtimeClient,
  { name, ack = false }: ManagedChannelOptions,
): ManagedChannel {
  checkName(name, 'name');
  // Errors have no type.
  const handlers = new Emitter((error, type) => (type && handlers.has('') ? fail : rethrow)(error));
  const fail = (error: unknown): void => handlers.emit('', error);
  let handle: Channel | undefined;
  return {
    subscribe(): void {
      if (handle) return;
      handle = client.channel(name, {
        // Without a handler nobody listens.
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

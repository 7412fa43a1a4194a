/** The client's internals that handles and collections use. */
import type { SendTarget, Session, Subscriber, SubscriberHandlers } from './client-state.js';
import type { ChannelOptions } from './common-types.js';
import type { Report } from './emitter.js';
import type { ClientOptions } from './options.js';
import type { SendOptions, Sent } from './sent.js';
import type { RealtimeClient } from './types.js';

/** A client as its handles and collections see it. */
export interface Host {
  client: RealtimeClient;
  /** The server's protocol. */
  protocol(): ClientOptions['protocol'];
  report: Report;
  /** Adds a subscriber; `handlers` make it a subscription, a handle or a collection. */
  open(
    channel: string,
    options: ChannelOptions | null | undefined,
    handlers: SubscriberHandlers,
  ): Subscriber;
  close(subscriber: Subscriber): void;
  /** Sends, now or once there is an engine; returns the object whose promise reports the outcome. */
  enqueue(channel: string, text: string, options: SendOptions, target?: SendTarget): Sent;
  /** The running engine's session, if there is one; throws `destroyed`. */
  session(): Session | undefined;
}

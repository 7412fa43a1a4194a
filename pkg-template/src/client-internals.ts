/** What handles and collections need of their client. */
import type { Errand, Part, Session, Subscriber } from './client-state.js';
import type { ChannelOptions } from './common-types.js';
import type { Report } from './emitter.js';
import type { ClientOptions } from './options.js';
import type { SendOptions, Sent } from './sent.js';
import type { RealtimeClient } from './types.js';

/** A client from its handles' side. */
export interface Host {
  client: RealtimeClient;
  /** What the server speaks. */
  protocol(): ClientOptions['protocol'];
  report: Report;
  /** Subscribes, with what makes it a handle or a collection. */
  open(channel: string, options: ChannelOptions | null | undefined, part: Part): Subscriber;
  close(subscriber: Subscriber): void;
  /** Hands out what will have an outcome. */
  give(channel: string, text: string, options: SendOptions, errand?: Errand): Sent;
  /** The running engine's session, if there is one; throws `destroyed`. */
  session(): Session | undefined;
}

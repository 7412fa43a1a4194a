/** A library under measurement, as the page uses it. */
import type { Dialect } from '../dialects/dialect.js';

/** A payload of a measurement: it has a number. */
export interface Payload {
  n: number;
}

/** Receives a channel's messages. */
export type Receive = (payload: Payload) => void;

/** One client of a library, connected or about to be. */
export interface Client {
  /** Subscribes to a channel; resolves when the library reports that it is joined. */
  subscribe(channel: string, receive: Receive): Promise<Subscription>;
  /** Sends a message without a confirmation. */
  send(channel: string, payload: Payload): void;
  /** Sends a message whose confirmation the library reports; absent where it has none. */
  sendConfirmed?(channel: string, payload: Payload): unknown;
  /** Follows the presence of a channel; absent where the library has none. Resolves when the channel is joined. */
  follow?(channel: string, onChange: () => void): Promise<unknown>;
}

export interface Subscription {
  /** Leaves the channel; a promise resolves when it can be subscribed to again. */
  end(): unknown;
}

export interface Library {
  /** Its protocol, from the server's side. */
  dialect(): Dialect;
  /** Makes a client for a server at this origin, such as `ws://127.0.0.1:4000`. */
  connect(origin: string): Promise<Client>;
}

/** The client's side of what is on its way out and will have an outcome. */
import type { Subscriber } from './client-state.js';
import { RealtimeError } from './errors.js';
import type { ClientOptions } from './options.js';
import type { Ack, SendOptions, SentStatus } from './sent.js';
import { newId } from './validate.js';

/** The actions of presence. */
export const TRACK = 0;
export const UPDATE = 1;
export const UNTRACK = 2;

/** What is on its way out, if it is no message of the channel. */
export interface Errand {
  /** The collection that is changed; without one it is about presence. */
  collection?: Subscriber;
  /** Of a collection: an index of the engine's `CHANGES`. Of presence: `TRACK`, `UPDATE` or `UNTRACK`. */
  action: number;
  /** The row's or the presence's. */
  key: string | undefined;
}

/** What is sent: JSON text, or bytes (Phoenix and Supabase). */
export type Payload = string | ArrayBuffer;

/** The client's side of a {@link Sent}. */
export interface Outgoing {
  /** Its number at the engine. */
  number: number;
  channel: string;
  /** Empty if it has none. */
  payload: Payload;
  bytes: number;
  options: SendOptions;
  errand: Errand | undefined;
  /** When it was given to the client, by `performance.now()`. */
  at: number;
  /** Whether another engine must not send it: a socket had it, or its user is another one now. */
  transmitted: boolean;
  /** What the app holds. */
  sent: { id: string; status: SentStatus; acked: Outcome<Ack> };
  /** Settles it, once. */
  settle(outcome: Ack | RealtimeError): void;
  /** Gives it up, for its `signal`. */
  cancel(): void;
}

/** A promise that knows whether anybody waits for it. */
export class Outcome<T> extends Promise<T> {
  /** Whether `then`, and with it `await` or `catch`, was used. */
  declare isObserved: boolean;

  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  override then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.isObserved = true;
    return super.then(fulfilled, rejected);
  }
}

/** One with what settles it. Without a handler its failure is no unhandled rejection, and not observed. */
export function outcome<T>(): [Outcome<T>, settle: (end: T | RealtimeError) => void] {
  let settle!: (end: T | RealtimeError) => void;
  const promise = new Outcome<T>((resolve, reject) => {
    settle = (end) => (end instanceof Error ? reject(end) : resolve(end));
  });
  promise.catch(() => {});
  promise.isObserved = false;
  return [promise, settle];
}

/** A new one with its id. */
export function outgoing(
  number: number,
  channel: string,
  payload: Payload,
  options: SendOptions,
  errand: Errand | undefined,
  cancel: () => void,
): Outgoing {
  const [acked, settle] = outcome<Ack>();
  const sent: Outgoing['sent'] = { id: newId(), status: 'queued', acked };
  return {
    number,
    channel,
    payload,
    bytes: 0,
    options,
    errand,
    at: performance.now(),
    transmitted: false,
    sent,
    settle(end) {
      sent.status = end instanceof Error ? 'failed' : end.confirmed ? 'acked' : 'sent';
      settle(end);
    },
    cancel,
  };
}

/** How many of them wait in the queue: the rest is the engine's affair. */
export const depthOf = (sends: ReadonlyMap<number, Outgoing>): number =>
  [...sends.values()].filter(({ errand }) => !errand).length;

/** The error for a send that cannot wait (any longer) for the engine. */
export const unqueued = (
  code: 'queue_full' | 'message_too_large' | 'expired',
  { channel }: Outgoing,
): RealtimeError =>
  new RealtimeError(
    code,
    'The queue cannot hold the message.',
    'Raise maxMessages, maxBytes or ttlMs, or split it.',
    { channel, retryable: code[0] !== 'm' },
  );

/** Why the latest of these, whose size in UTF-8 is noted here, may not wait. */
export function overflow(
  sends: ReadonlyMap<number, Outgoing>,
  send: Outgoing,
  { queue }: ClientOptions,
): RealtimeError | false {
  const { maxMessages = 1_000, maxBytes = 8_388_608 } = queue ?? {};
  send.bytes = new Blob([send.payload]).size;
  let total = 0;
  for (const { bytes } of sends.values()) total += bytes;
  return (
    (total > maxBytes || sends.size > maxMessages) &&
    unqueued(send.bytes > maxBytes ? 'message_too_large' : 'queue_full', send)
  );
}

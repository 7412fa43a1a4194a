/** The client's side of what is on its way out and will have an outcome. */
import { newId } from './door.js';
import { RealtimeError } from './errors.js';
import type { Subscriber } from './ledger.js';
import type { ClientOptions } from './options.js';
import type { Ack, SendOptions, SentStatus } from './sent.js';

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
  sent: { id: string; status: SentStatus; acked: Promise<Ack> };
  /** Settles it, once. */
  settle(outcome: Ack | RealtimeError): void;
  /** Gives it up, for its `signal`. */
  cancel(): void;
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
  let settle!: Outgoing['settle'];
  const acked = new Promise<Ack>((resolve, reject) => {
    settle = (outcome) => {
      if (outcome instanceof Error) {
        sent.status = 'failed';
        reject(outcome);
      } else {
        sent.status = outcome.confirmed ? 'acked' : 'sent';
        resolve(outcome);
      }
    };
  });
  // A failure nobody waits for is no unhandled rejection.
  acked.catch(() => {});
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
    settle,
    cancel,
  };
}

/** How many of them wait in the queue: the rest is the engine's affair. */
export const depthOf = (sends: ReadonlyMap<number, Outgoing>): number =>
  [...sends.values()].filter(({ errand }) => !errand).length;

/** Why the latest of these, whose size in UTF-8 is noted here, may not wait. */
export function overflow(
  sends: ReadonlyMap<number, Outgoing>,
  send: Outgoing,
  { queue: { maxMessages = 1_000, maxBytes = 8_388_608 } = {} }: ClientOptions,
): RealtimeError | false {
  send.bytes = new Blob([send.payload]).size;
  let total = 0;
  for (const { bytes } of sends.values()) total += bytes;
  const fits = send.bytes <= maxBytes;
  return (
    (total > maxBytes || sends.size > maxMessages) &&
    new RealtimeError(
      fits ? 'queue_full' : 'message_too_large',
      'The queue has no room.',
      'Raise queue.maxMessages or queue.maxBytes.',
      { channel: send.channel, retryable: fits },
    )
  );
}

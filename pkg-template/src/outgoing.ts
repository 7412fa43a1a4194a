/** The client's side of a message on its way out. */
import { newId } from './door.js';
import type { RealtimeError } from './errors.js';
import type { Ack, SendOptions, SentStatus } from './sent.js';

/** The client's side of a {@link Sent}. */
export interface Outgoing {
  /** Its number at the engine. */
  number: number;
  channel: string;
  /** The message's JSON. */
  text: string;
  options: SendOptions;
  /** When it was given to the client, by `performance.now()`. */
  at: number;
  /** Whether a socket ever had it: then another engine must not send it. */
  transmitted: boolean;
  /** What the app holds. */
  sent: { id: string; status: SentStatus; acked: Promise<Ack> };
  /** Settles it, once. */
  settle(outcome: Ack | RealtimeError): void;
  /** Gives it up, for its `signal`. */
  cancel(): void;
}

/** A new message with its id. */
export function outgoing(
  number: number,
  channel: string,
  text: string,
  options: SendOptions,
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
    text,
    options,
    at: performance.now(),
    transmitted: false,
    sent,
    settle,
    cancel,
  };
}

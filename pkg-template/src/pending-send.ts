/** The client's side of what is on its way out and will have an outcome. */
import type { Errand, Outgoing } from './client-state.js';
import { RealtimeError } from './errors.js';
import { newId } from './id.js';
import type { ClientOptions } from './options.js';
import { outcome } from './outcome.js';
import type { Ack, SendOptions } from './sent.js';
import type { Payload } from './serialize.js';

/** The actions of presence. */
export const TRACK = 0;
export const UPDATE = 1;
export const UNTRACK = 2;

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

/** Sends that are not settled. */
import type { PendingSend } from './client-state.js';
import { RealtimeError } from './errors.js';
import { QUEUE_MAX_BYTES, QUEUE_MAX_MESSAGES } from './generated/facade.js';
import type { ClientOptions } from './options.js';

/** The number of channel messages among the sends: `queueDepth` before there is an engine. */
export const queuedCount = (sends: ReadonlyMap<number, PendingSend>): number =>
  [...sends.values()].filter(({ target }) => !target).length;

/** The error for a send that does not fit into the queue, or was queued for too long. */
export const queueError = (
  code: 'queue_full' | 'message_too_large' | 'expired',
  { channel }: PendingSend,
): RealtimeError =>
  new RealtimeError(
    code,
    'The queue cannot hold the message.',
    'Raise maxMessages, maxBytes or ttlMs, or split it.',
    { channel, retryable: code[0] !== 'm' },
  );

/** Returns the error if the latest send exceeds the queue's limits. Also sets its size in UTF-8. */
export function overflow(
  sends: ReadonlyMap<number, PendingSend>,
  send: PendingSend,
  { queue }: ClientOptions,
): RealtimeError | false {
  const { maxMessages = QUEUE_MAX_MESSAGES, maxBytes = QUEUE_MAX_BYTES } = queue ?? {};
  send.bytes = new Blob([send.payload]).size;
  let total = 0;
  for (const { bytes = 0 } of sends.values()) total += bytes;
  return (
    (total > maxBytes || sends.size > maxMessages) &&
    queueError(send.bytes > maxBytes ? 'message_too_large' : 'queue_full', send)
  );
}

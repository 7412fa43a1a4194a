/** Messages as the older handlers got them: with what they came in. */
import type { MessageMeta } from '../../index.js';
import type { LazyMessage } from './types.js';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The message with its envelope around it, whether or not this server sends one apart. */
export function wholeMessage(message: unknown, { channel, event }: MessageMeta): LazyMessage {
  return {
    type: 'channel_message',
    channel,
    ...(event !== undefined && { event }),
    ...(isRecord(message) ? message : { payload: message }),
  };
}

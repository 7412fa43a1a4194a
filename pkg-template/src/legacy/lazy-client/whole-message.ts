/** Messages with their envelope, as the older handlers received them. */
import type { MessageMeta } from '../../index.js';
import type { LazyMessage } from './types.js';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the message merged with its envelope, whether or not this server sends one. */
export function wholeMessage(message: unknown, { channel, event }: MessageMeta): LazyMessage {
  return {
    type: 'channel_message',
    channel,
    ...(event !== undefined && { event }),
    ...(isRecord(message) ? message : { payload: message }),
  };
}

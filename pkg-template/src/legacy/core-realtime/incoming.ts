/** Converts messages of a channel to those of the legacy module. */

import { Native } from '../../generated/facade.js';
import type { MessageMeta } from '../../index.js';
import { isFields } from './fields.js';
import type { WebSocketMessage } from './types.js';

/** The short names of events on a bill's channel. */
const BILL_EVENTS = ['status_change', 'amendment', 'voting_scheduled', 'update'];

/** Types of heartbeat messages, which are not delivered. */
const LIVENESS = ['ping', 'pong', 'heartbeat'];

/** Returns the messages of a payload: one, or those of a batch. */
export function incoming(
  topic: string,
  payload: unknown,
  event: MessageMeta['event'],
): WebSocketMessage[] {
  if (!isFields(payload)) return [{ type: event ?? 'message', topic, data: payload }];
  const own = payload.type === Native.ChannelMessage ? payload.event : payload.type;
  const type = event ?? (typeof own === 'string' ? own : 'message');
  if (LIVENESS.includes(type)) return [];
  if (type === 'batch' && Array.isArray(payload.messages)) {
    return payload.messages.flatMap((message) => incoming(topic, message, undefined));
  }
  const { timestamp } = payload;
  if (topic.startsWith('bill:')) {
    const about = { topic, bill_id: payload.bill_id ?? topic.slice('bill:'.length), timestamp };
    if (BILL_EVENTS.includes(type)) {
      return [{ ...about, type: 'bill_update', update: { type, data: payload } }];
    }
    if (type === 'engagement') {
      return [{ ...about, type: 'engagement_metrics', metrics: payload }];
    }
  }
  return [{ ...payload, type, topic: typeof payload.topic === 'string' ? payload.topic : topic }];
}

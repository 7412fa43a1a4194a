/** Messages of a channel as the older module's own. */
import type { MessageMeta } from '../../index.js';
import { isFields } from './fields.js';
import type { WebSocketMessage } from './types.js';

/** What a bill's channel may tell of by these names alone. */
const BILL_EVENTS = ['status_change', 'amendment', 'voting_scheduled', 'update'];

/** Signs of life, which are the connection's affair. */
const LIVENESS = ['ping', 'pong', 'heartbeat'];

/** What came on a channel: one message, or those of a batch. */
export function incoming(
  topic: string,
  payload: unknown,
  event: MessageMeta['event'],
): WebSocketMessage[] {
  if (!isFields(payload)) return [{ type: event ?? 'message', topic, data: payload }];
  const own = payload.type === 'channel_message' ? payload.event : payload.type;
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

/** Converts changes of the reference server's tables to messages of the legacy module. */
import type { ChangeKind } from '../../generated/types.js';
import { legacyConfig } from '../index.js';
import { isFields } from './fields.js';
import {
  discussionTopic,
  EXPERT_UPDATES,
  MODERATION_EVENTS,
  USER_NOTIFICATIONS,
} from './topics.js';
import type { CommentUpdate, WebSocketMessage } from './types.js';

type Row = Record<string, unknown>;

/** The action of a comment's message, by the kind of the change. */
const ACTIONS = {
  insert: 'created',
  update: 'updated',
  delete: 'deleted',
} as const satisfies Record<ChangeKind, CommentUpdate['action']>;

const isChange = (event: string | undefined): event is ChangeKind =>
  event !== undefined && Object.hasOwn(ACTIONS, event);

/** The functions that return the message for a changed row, by table. `id` is the part of the channel's name after the colon. */
const TABLES: Record<string, (change: ChangeKind, row: Row, id: string) => WebSocketMessage> = {
  comments: (change, row, bill) => ({
    type: 'comment_update',
    topic: discussionTopic(bill),
    bill_id: bill,
    comment_id: row.id,
    parent_id: row.parent_id,
    action: ACTIONS[change],
    data: row,
    timestamp: row.updated_at,
  }),
  votes: (_, row, bill) => ({
    type: 'vote_update',
    topic: discussionTopic(bill),
    bill_id: bill,
    user_id: row.id,
    vote_type: row.choice,
    timestamp: row.updated_at,
  }),
  experts: (_, row) => ({ type: 'expert_activity', topic: EXPERT_UPDATES, data: row }),
  moderation: (_, row) => ({ type: 'moderation_event', topic: MODERATION_EVENTS, data: row }),
  notifications(change, row) {
    const about = { topic: USER_NOTIFICATIONS, notification_id: row.id };
    if (change === 'delete') return { ...about, type: 'notification_clear' };
    if (row.read === true) return { ...about, type: 'notification_read' };
    return { ...about, type: 'notification', notification: { timestamp: row.created_at, ...row } };
  },
};

/** Returns the message for a change of a row; `undefined` for other payloads and tables. */
export function rowMessage(
  channel: string,
  payload: unknown,
  event: string | undefined,
): WebSocketMessage | undefined {
  if (!isChange(event)) return undefined;
  const [name = '', id = ''] = channel.split(':');
  if (!isFields(payload)) return undefined;
  const row = isFields(payload.row) ? payload.row : { id: payload.key };
  return TABLES[name]?.(event, row, id);
}

/**
 * Returns the channels of a topic where comments, votes, experts, reports and notifications are tables, as on the reference
 * server: `configureLegacy({ topics: domainTopics })`. Changes of their rows are then delivered as the legacy messages.
 */
export function domainTopics(topic: string): readonly string[] {
  const [kind, id] = topic.split(':');
  if (kind === 'discussion') return [topic, `comments:${id}`, `votes:${id}`];
  if (topic === EXPERT_UPDATES) return [topic, 'experts'];
  if (topic === MODERATION_EVENTS) return [topic, 'moderation'];
  const user = legacyConfig().auth.getSnapshot()?.user.id;
  if (topic === USER_NOTIFICATIONS && user) return [topic, `notifications:${user}`];
  return [topic];
}

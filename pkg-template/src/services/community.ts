/** The community around bills: comments, votes, experts and moderation. */
import type { Mutation } from '../index.js';
import { defineService } from './define.js';
import { channel, type Id, rows } from './definition.js';
import type { Person } from './people.js';
import { type Changeable, oldestFirst, type StoredRow, storedId } from './stored-row.js';

/** The author of a comment. */
export interface Author {
  id: string;
  name: string;
  /** Whether the author is an expert. */
  expert: boolean;
}

/** A comment on a bill. */
export interface Comment extends StoredRow {
  bill_id: string;
  /** The comment it is a reply to. */
  parent_id: string | null;
  author?: Author | null;
  /** 1 to 1,000 characters. */
  body: string;
  state?: 'visible' | 'flagged' | 'removed';
}

/** A vote's choice. */
export type Choice = 'support' | 'oppose' | 'neutral';

/** A vote; `id` is the voter's. */
export interface Vote extends StoredRow {
  bill_id: string;
  choice: Choice;
}

/** An expert. */
export interface Expert extends StoredRow {
  name: string;
  field: string;
  verified: boolean;
  /** The number of comments. */
  contributions: number;
  last_bill_id: string | null;
}

/** A report of a comment to the moderators. */
export interface Report extends StoredRow {
  bill_id: string;
  comment_id: string;
  reason: string;
  state: 'open' | 'upheld' | 'dismissed';
  reported_by?: string;
  decided_by?: string | null;
}

/** The service of comments, votes, experts and moderation, and of the presence in discussions. */
export const community = defineService({
  rows: {
    /** The newest 500 comments on a bill, oldest first. */
    comments: rows<Comment>()({
      channel: (bill: Id) => `comments:${bill}`,
      path: (bill: Id) => `/bills/${bill}/comments`,
      table: 'comments',
      filter: (bill: Id) => ({ bill_id: bill }),
      order: 'created_at',
      sort: oldestFirst,
      limit: 500,
      version: 'version',
      conflict: 'merge',
    }),
    /** The votes on a bill: one per voter, whose last choice counts. */
    votes: rows<Vote>()({
      channel: (bill: Id) => `votes:${bill}`,
      path: (bill: Id) => `/bills/${bill}/votes`,
      table: 'votes',
      filter: (bill: Id) => ({ bill_id: bill }),
      conflict: 'client-wins',
    }),
    /** The experts. */
    experts: rows<Expert>()({
      channel: 'experts',
      path: '/experts',
      table: 'experts',
    }),
    /** The reports, oldest first. The second decision of a report is rejected. */
    moderation: rows<Report>()({
      channel: 'moderation',
      path: '/moderation',
      table: 'moderation',
      order: 'created_at',
      sort: oldestFirst,
      version: 'version',
    }),
  },
  channels: {
    /** Presence and typing in the comments on a bill. */
    discussion: channel<{}, Person>()((bill: Id) => `comments:${bill}`),
  },
});

/** A comment with the replies to it. */
export interface CommentNode extends Comment {
  /** In the order of the comments. */
  replies: CommentNode[];
}

/**
 * Returns the tree of comments and replies. A reply to a comment that is not in the list is at the top
 * level.
 */
export function commentTree(comments: readonly Comment[]): readonly CommentNode[] {
  const nodes = new Map(comments.map((comment) => [comment.id, { ...comment, replies: [] }]));
  const roots: CommentNode[] = [];
  for (const node of nodes.values()) {
    const parent: CommentNode | undefined = nodes.get(node.parent_id ?? '');
    (parent?.replies ?? roots).push(node);
  }
  return roots;
}

/** The number of votes by choice. */
export type Tally = { readonly [C in Choice | 'total']: number };

/** Counts votes. */
export function tally(votes: readonly Vote[]): Tally {
  const counts = { support: 0, oppose: 0, neutral: 0, total: votes.length };
  for (const { choice } of votes) counts[choice] += 1;
  return counts;
}

/** Returns the reports that are not decided. */
export const openReports = (reports: readonly Report[]): readonly Report[] =>
  reports.filter(({ state }) => state === 'open');

/** Adds a comment on a bill. */
export const addComment = (
  comments: Changeable<Comment>,
  bill: Id,
  comment: Pick<Comment, 'body'> & Partial<Comment>,
): Mutation<Comment> => comments.insert({ parent_id: null, ...comment, bill_id: `${bill}` });

/**
 * Replies to a comment.
 *
 * @throws RealtimeError `invalid_argument` while the comment is not stored
 */
export const replyToComment = (
  comments: Changeable<Comment>,
  parent: Comment,
  comment: Pick<Comment, 'body'> & Partial<Comment>,
): Mutation<Comment> =>
  addComment(comments, parent.bill_id, { ...comment, parent_id: storedId(parent, 'comment') });

/** Votes, or changes this voter's vote. */
export const castVote = (
  votes: Changeable<Vote>,
  bill: Id,
  voter: string,
  choice: Choice,
): Mutation<Vote> =>
  votes.items.some(({ id }) => id === voter)
    ? votes.update(voter, { choice })
    : votes.insert({ id: voter, bill_id: `${bill}`, choice });

/**
 * Reports a comment.
 *
 * @throws RealtimeError `invalid_argument` while the comment is not stored
 */
export const flagComment = (
  moderation: Changeable<Report>,
  comment: Comment,
  reason: string,
): Mutation<Report> =>
  moderation.insert({
    bill_id: comment.bill_id,
    comment_id: storedId(comment, 'comment'),
    reason,
    state: 'open',
  });

/** Decides a report; `by` is the id of the moderator. */
export const decideReport = (
  moderation: Changeable<Report>,
  id: string,
  state: 'upheld' | 'dismissed',
  by?: string,
): Mutation<Report> =>
  moderation.update(id, { state, ...(by !== undefined && { decided_by: by }) });

import { expect, it } from 'vitest';
import {
  addComment,
  type Comment,
  type CommentNode,
  castVote,
  commentTree,
  decideReport,
  flagComment,
  openReports,
  type Report,
  replyToComment,
  tally,
  type Vote,
} from '../../../pkg-template/src/services/index.js';
import { recordingList } from './service-page.js';

const comment = (id: string, parent_id: string | null = null): Comment => ({
  id,
  parent_id,
  bill_id: '7',
  body: `comment ${id}`,
});

const vote = (id: string, choice: Vote['choice']): Vote => ({ id, bill_id: '7', choice });

const report = (id: string, state: Report['state']): Report => ({
  id,
  state,
  bill_id: '7',
  comment_id: 'a',
  reason: 'rude',
});

/** `a(b c(d))`: the ids of a tree. */
const written = (nodes: readonly CommentNode[]): string =>
  nodes.map(({ id, replies }) => (replies.length ? `${id}(${written(replies)})` : id)).join(' ');

it('commentTree builds a tree from comments in any order', () => {
  const comments = [
    comment('d', 'c'),
    comment('a'),
    comment('b', 'a'),
    comment('c', 'a'),
    comment('lost', 'elsewhere'),
    comment('e'),
  ];
  expect(written(commentTree(comments))).toBe('a(b c(d)) lost e');
  expect(comments[1]).toEqual(comment('a'));
  expect(commentTree([])).toEqual([]);
});

it('votes are counted', () => {
  const votes = [vote('ann', 'support'), vote('bob', 'oppose'), vote('cy', 'support')];
  expect(tally(votes)).toEqual({ support: 2, oppose: 1, neutral: 0, total: 3 });
  expect(tally([])).toEqual({ support: 0, oppose: 0, neutral: 0, total: 0 });
});

it('openReports returns the undecided reports', () => {
  const reports = [report('1', 'open'), report('2', 'upheld'), report('3', 'dismissed')];
  expect(openReports(reports)).toEqual([reports[0]]);
});

it('a comment and a reply to it are new rows', () => {
  const { list, requested } = recordingList<Comment>();
  const author = { id: 'ann', name: 'Ann', expert: false };
  addComment(list, 7, { body: 'Yes', author });
  replyToComment(list, comment('a'), { body: 'No' });
  expect(requested).toEqual([
    ['insert', { bill_id: '7', parent_id: null, body: 'Yes', author }],
    ['insert', { bill_id: '7', parent_id: 'a', body: 'No' }],
  ]);
});

it('a second vote changes the first', () => {
  const { list, requested } = recordingList<Vote>([vote('ann', 'support')]);
  castVote(list, 7, 'ann', 'oppose');
  castVote(list, 7, 'bob', 'neutral');
  expect(requested).toEqual([
    ['update', 'ann', { choice: 'oppose' }],
    ['insert', { id: 'bob', bill_id: '7', choice: 'neutral' }],
  ]);
});

it('a comment is reported, and the report decided', () => {
  const { list, requested } = recordingList<Report>();
  flagComment(list, comment('a'), 'rude');
  decideReport(list, '1', 'upheld');
  decideReport(list, '1', 'dismissed', 'ann');
  expect(requested).toEqual([
    ['insert', { bill_id: '7', comment_id: 'a', reason: 'rude', state: 'open' }],
    ['update', '1', { state: 'upheld' }],
    ['update', '1', { state: 'dismissed', decided_by: 'ann' }],
  ]);
});

it('a comment that is not stored can be neither answered nor reported: its id will change', () => {
  const comments = recordingList<Comment>();
  const moderation = recordingList<Report>();
  const rejection = expect.objectContaining({ code: 'invalid_argument' });
  const fresh = comment('tmp:m');
  expect(() => replyToComment(comments.list, fresh, { body: 'No' })).toThrow(rejection);
  expect(() => flagComment(moderation.list, fresh, 'rude')).toThrow(rejection);
  expect([...comments.requested, ...moderation.requested]).toEqual([]);
});

/** Calls, bids and the engagement of bills. */
import { expect, it } from 'vitest';
import {
  type Bid,
  type Call,
  type CallStatus,
  type Campaign,
  endedCalls,
  engagementDelta,
  highestBid,
  isRunning,
  placeBid,
  runningCalls,
  setCampaignStatus,
  withdrawBid,
} from '../../../pkg-template/src/services/index.js';
import { recordingList } from './service-page.js';

const call = (status: CallStatus): Call => ({
  id: status,
  status,
  external_id: 'x',
  provider: 'p',
  campaign_id: '1',
  tracking_number: '1',
  caller_number: '2',
  started_at: '2026-01-01T00:00:00Z',
  duration_seconds: 0,
});

const bid = (id: string, amount: number, status: Bid['status'] = 'active'): Bid => ({
  id,
  amount,
  status,
  campaign_id: '1',
  bidder_id: 'ann',
  currency: 'EUR',
});

it('a call runs until it has ended, however it ends', () => {
  const running = ['initiated', 'ringing', 'connected'] as const;
  const ended = ['completed', 'failed', 'rejected', 'busy', 'no_answer'] as const;
  const calls = [...ended, ...running].map(call);
  expect(runningCalls(calls).map(({ status }) => status)).toEqual(running);
  expect(endedCalls(calls).map(({ status }) => status)).toEqual(ended);
  expect(isRunning(call('ringing'))).toBe(true);
});

it('a campaign is paused', () => {
  const { list, requested } = recordingList<Campaign>();
  setCampaignStatus(list, '1', 'paused');
  expect(requested).toEqual([['update', '1', { status: 'paused' }]]);
});

it('the highest bid is an active or won one, the first of equal ones', () => {
  const bids = [bid('a', 5), bid('b', 9, 'withdrawn'), bid('c', 7), bid('d', 7)];
  expect(highestBid(bids)?.id).toBe('c');
  expect(highestBid([bid('a', 5, 'outbid')])).toBeUndefined();
  expect(highestBid([bid('a', 5, 'won'), bid('b', 9, 'outbid')])?.id).toBe('a');
});

it('a bid is placed and withdrawn', () => {
  const { list, requested } = recordingList<Bid>();
  placeBid(list, 1, { bidder_id: 'ann', amount: 7, currency: 'EUR' });
  withdrawBid(list, 'a');
  expect(requested).toEqual([
    [
      'insert',
      { campaign_id: '1', bidder_id: 'ann', amount: 7, currency: 'EUR', status: 'active' },
    ],
    ['update', 'a', { status: 'withdrawn' }],
  ]);
});

it('engagementDelta is the difference of the counts', () => {
  const before = { view_count: 10, save_count: 2, comment_count: 3, share_count: 0 };
  const after = { view_count: 15, save_count: 2, comment_count: 4, share_count: 1 };
  const delta = { view_count: 5, save_count: 0, comment_count: 1, share_count: 1 };
  expect(engagementDelta(before, after)).toEqual(delta);
});

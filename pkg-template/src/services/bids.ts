/** Bids for the calls of campaigns. */
import type { Mutation } from '../index.js';
import { defineService } from './define.js';
import { type Id, rows } from './definition.js';
import type { Changeable, StoredRow } from './stored-row.js';

/** A bid's status. */
export type BidStatus = 'active' | 'outbid' | 'won' | 'withdrawn';

/** A bid. */
export interface Bid extends StoredRow {
  campaign_id: string;
  bidder_id: string;
  /** More than 0, at most 1,000,000, and more than the highest active one. */
  amount: number;
  /** ISO 4217. */
  currency: string;
  status: BidStatus;
}

/** Compares bids: the higher first. */
const highestFirst = (a: Bid, b: Bid): number => b.amount - a.amount;

/** The service of bids. */
export const bids = defineService({
  rows: {
    /** The newest 500 bids for a campaign, highest first. */
    bids: rows<Bid>()({
      channel: (campaign: Id) => `bids:${campaign}`,
      path: (campaign: Id) => `/campaigns/${campaign}/bids`,
      table: 'bids',
      filter: (campaign: Id) => ({ campaign_id: campaign }),
      order: 'created_at',
      sort: highestFirst,
      limit: 500,
    }),
  },
});

/** Returns the highest active or won bid, if there is one. */
export const highestBid = (bids: readonly Bid[]): Bid | undefined =>
  bids.filter(({ status }) => status === 'active' || status === 'won').sort(highestFirst)[0];

/** Places a bid. The server rejects one that is not higher than the highest: the `cause`'s code is `conflict`. */
export const placeBid = (
  bids: Changeable<Bid>,
  campaign: Id,
  bid: Pick<Bid, 'bidder_id' | 'amount' | 'currency'> & Partial<Bid>,
): Mutation<Bid> => bids.insert({ status: 'active', ...bid, campaign_id: `${campaign}` });

/** Withdraws a bid. */
export const withdrawBid = (bids: Changeable<Bid>, id: string): Mutation<Bid> =>
  bids.update(id, { status: 'withdrawn' });

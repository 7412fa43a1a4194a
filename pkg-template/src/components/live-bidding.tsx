import {
  type ComponentPropsWithoutRef,
  type ForwardedRef,
  forwardRef,
  type ReactNode,
  type RefAttributes,
  useMemo,
} from 'react';
import type { RealtimeError } from '../index.js';
import { Announcement } from './announcement.js';
import { BidForm, type BidFormTexts } from './bid-form.js';
import { fields } from './fields.js';
import { type Format, useFormat } from './format.js';
import { ListPanel } from './list-panel.js';
import type { RowListOptions } from './row-list.js';
import { type RowSource, splitSource, useRows } from './rows.js';
import { useLabels } from './use-labels.js';

/** A bid, as {@link LiveBidding} shows it. Rows may have more fields. */
export interface Bid {
  id: string;
  campaign_id?: string;
  bidder_id: string;
  amount: number;
  /** An ISO code. */
  currency?: string;
  status?: 'active' | 'outbid' | 'won' | 'withdrawn';
  created_at?: string;
}

/** The texts of {@link LiveBidding}. */
export interface LiveBiddingTexts extends BidFormTexts {
  /** The list's accessible name. */
  label: string;
  loading: string;
  empty: string;
  /** Loading failed, or the channel did. */
  failed: (error: RealtimeError) => string;
  /** The highest bid: shown, and announced to screen readers at intervals. */
  highest: (amount: string, bidder: string) => string;
  /** The name for this user as a bidder. */
  you: string;
  /** The names of the statuses. */
  statuses: Readonly<Record<NonNullable<Bid['status']>, string>>;
  /** The status of a bid that the server has not confirmed. */
  pending: string;
}

const ENGLISH: LiveBiddingTexts = {
  label: 'Bids',
  loading: 'Loading',
  empty: 'No bids yet',
  failed: ({ message }) => message,
  highest: (amount, bidder) => `Highest bid: ${amount} by ${bidder}`,
  you: 'you',
  statuses: { active: 'Active', outbid: 'Outbid', won: 'Won', withdrawn: 'Withdrawn' },
  pending: 'Being placed',
  field: 'Your bid',
  submit: 'Place bid',
  hint: (highest) => (highest ? `More than ${highest}` : 'The first bid'),
  invalid: 'Enter an amount greater than 0.',
  rejected: (amount, { message }) => `Your bid of ${amount} was not taken: ${message}`,
};

/** The props of {@link LiveBidding}, besides those of a `<section>`. */
export interface LiveBiddingOwnProps<T extends Bid = Bid> extends RowSource<T>, RowListOptions {
  /** The campaign whose bids are shown: short for the channel `bids:CAMPAIGN`. */
  campaignId?: string | null;
  /** This user's id among the bidders. Without it there is no form. */
  bidderId?: string | null;
  /** The currency of new bids, by its three letters. Default: that of the highest bid. */
  currency?: string;
  /** Places a bid by other means; the bid is settled with the returned promise. Default: a row is inserted. */
  onBid?: (amount: number) => PromiseLike<unknown>;
  /** Returns a bidder's name. Default: the id. */
  nameOf?: (bidderId: string) => string;
  /** Renders a bid's row. */
  renderItem?: (bid: T) => ReactNode;
  /** Texts instead of the English ones. */
  texts?: Partial<LiveBiddingTexts>;
  /** Overrides of the formats of values. */
  format?: Partial<Format>;
}

/** The props of {@link LiveBidding}. */
export type LiveBiddingProps<T extends Bid = Bid> = LiveBiddingOwnProps<T> &
  Omit<ComponentPropsWithoutRef<'section'>, keyof LiveBiddingOwnProps | 'children'>;

const idOf = ({ id }: Bid): string => id;

/** The default order: highest first. */
const DEFAULTS = { sort: (a: Bid, b: Bid): number => fields(b).amount - fields(a).amount };

interface BidRowProps {
  bid: Bid;
  bidder: string;
  isPending: boolean;
  labels: LiveBiddingTexts;
  format: Format;
}

function BidRow({ bid, bidder, isPending, labels, format }: BidRowProps): ReactNode {
  const { amount, currency, status = 'active', created_at: created } = fields(bid);
  return (
    <div className="tw-bid" data-status={isPending ? 'pending' : status}>
      <span className="tw-bid-amount">{format.money(amount, currency)}</span>
      <span className="tw-bid-bidder">{bidder}</span>
      <span className="tw-row-end">
        <span className="tw-bid-status">
          {isPending ? labels.pending : labels.statuses[status]}
        </span>
        {typeof created === 'string' && (
          <time className="tw-bid-time" dateTime={created}>
            {format.time(created)}
          </time>
        )}
      </span>
    </div>
  );
}

function LiveBiddingOfAny<T extends Bid>(
  props: LiveBiddingProps<T>,
  ref: ForwardedRef<HTMLElement>,
): ReactNode {
  const [source, others] = splitSource<T, LiveBiddingProps<T>>(props);
  const { campaignId, bidderId, onBid, nameOf, renderItem, ...more } = others;
  const { currency: given, rowHeight, maxHeight, texts, format, ...section } = more;
  const channel = source.channel ?? (campaignId ? `bids:${campaignId}` : null);
  const rows = useRows({ ...source, channel }, DEFAULTS);
  const { items, pending, change } = rows;
  const labels = useLabels(ENGLISH, texts);
  const formatter = useFormat(format);
  const unsettled = useMemo(() => new Set(pending.map(({ key }) => key)), [pending]);
  const bidderOf = (bid: Bid): string => {
    const { bidder_id: bidder } = fields(bid);
    return bidder === bidderId ? labels.you : (nameOf?.(bidder) ?? bidder);
  };
  const highest = items
    .map(fields)
    .filter(({ id, status = 'active' }) => status === 'active' && !unsettled.has(id))
    .reduce<T | undefined>(
      (best, bid) => (best && best.amount >= bid.amount ? best : bid),
      undefined,
    );
  const currency = given ?? highest?.currency;
  const amount = highest && formatter.money(highest.amount, highest.currency);
  const headline = highest && amount ? labels.highest(amount, bidderOf(highest)) : '';

  const place =
    onBid ??
    (change &&
      ((offered: number) =>
        change.insert({
          ...(campaignId && { campaign_id: campaignId }),
          bidder_id: bidderId,
          amount: offered,
          ...(currency && { currency }),
          status: 'active',
        } as never).promise));
  const render =
    renderItem ??
    ((bid: T) => (
      <BidRow
        bid={bid}
        bidder={bidderOf(bid)}
        isPending={unsettled.has(bid.id)}
        labels={labels}
        format={formatter}
      />
    ));
  return (
    <ListPanel
      section={section}
      sectionRef={ref}
      classes={['tw-live-bidding', 'tw-bids']}
      labels={labels}
      rows={rows}
      keyOf={idOf}
      render={render}
      head={
        <>
          {headline && <p className="tw-bid-highest">{headline}</p>}
          {bidderId && place && (
            <BidForm
              place={place}
              labels={labels}
              highest={amount}
              money={(offered) => formatter.money(offered, currency)}
            />
          )}
        </>
      }
      {...{ rowHeight, maxHeight }}
    >
      <Announcement text={headline} />
    </ListPanel>
  );
}

/**
 * The bids of a campaign, live, and a form to bid. An own bid is shown at once; if the server rejects it, it is
 * rolled back and the form shows the error.
 */
export const LiveBidding = /* @__PURE__ */ forwardRef(LiveBiddingOfAny as never) as <
  T extends Bid = Bid,
>(
  props: LiveBiddingProps<T> & RefAttributes<HTMLElement>,
) => ReactNode;

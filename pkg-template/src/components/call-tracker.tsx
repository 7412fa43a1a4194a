import {
  type ComponentPropsWithoutRef,
  type ForwardedRef,
  forwardRef,
  type ReactNode,
  type RefAttributes,
  useMemo,
} from 'react';
import type { RealtimeError } from '../index.js';
import { CallDuration, type CallTimes } from './call-duration.js';
import { fields } from './fields.js';
import { type Format, useFormat } from './format.js';
import { ListPanel } from './list-panel.js';
import { NewItemAnnouncement } from './new-item-announcement.js';
import type { RowListOptions } from './row-list.js';
import { type RowSource, splitSource, useRows } from './rows.js';
import { useLabels } from './use-labels.js';

/** A call, as {@link CallTracker} shows it. Rows may have more fields, and any status. */
export interface TrackedCall extends CallTimes {
  id: string;
  status: string;
  caller_number: string;
  buyer_name?: string | null;
  /** In the currency of the prop `currency`. */
  payout?: number | null;
  created_at?: string;
}

/** The texts of {@link CallTracker}. */
export interface CallTrackerTexts {
  /** The list's accessible name. */
  label: string;
  loading: string;
  empty: string;
  /** Loading failed, or the channel did. */
  failed: (error: RealtimeError) => string;
  /** The number of calls. */
  summary: (active: number, all: number) => string;
  /** The names of statuses; a status without a name is shown as it is. */
  statuses: Readonly<Record<string, string>>;
  /** The buyer who takes the call. */
  to: (buyer: string) => string;
  /** Announced to screen readers, at intervals. */
  arrived: (count: number) => string;
}

const ENGLISH: CallTrackerTexts = {
  label: 'Calls',
  loading: 'Loading',
  empty: 'No calls yet',
  failed: ({ message }) => message,
  summary: (active, all) => `${active} active, ${all} in all`,
  statuses: {
    initiated: 'Starting',
    ringing: 'Ringing',
    connected: 'Connected',
    active: 'Active',
    completed: 'Completed',
    failed: 'Failed',
    rejected: 'Rejected',
    busy: 'Busy',
    no_answer: 'No answer',
  },
  to: (buyer) => `to ${buyer}`,
  arrived: (count) => (count === 1 ? '1 new call' : `${count} new calls`),
};

/** The props of {@link CallTracker}, besides those of a `<section>`. */
export interface CallTrackerOwnProps<T extends TrackedCall = TrackedCall>
  extends RowSource<T>,
    RowListOptions {
  /** The campaign whose calls are shown: short for the channel `calls:CAMPAIGN`. */
  campaignId?: string | null;
  /** The currency of payouts, by its three letters. Default: none, they are numbers. */
  currency?: string;
  /** Renders a call's row. */
  renderItem?: (call: T) => ReactNode;
  /** Texts instead of the English ones. */
  texts?: Partial<CallTrackerTexts>;
  /** Overrides of the formats of values. */
  format?: Partial<Format>;
}

/** The props of {@link CallTracker}. */
export type CallTrackerProps<T extends TrackedCall = TrackedCall> = CallTrackerOwnProps<T> &
  Omit<ComponentPropsWithoutRef<'section'>, keyof CallTrackerOwnProps | 'children'>;

/** The statuses of ended calls. */
const ENDED = new Set(['completed', 'failed', 'rejected', 'busy', 'no_answer']);

const idOf = ({ id }: TrackedCall): string => id;

function beganOf(call: TrackedCall): string {
  const { started_at: started, created_at: created } = fields(call);
  return started ?? created ?? '';
}

/** The default order: newest first. */
const DEFAULTS = {
  sort: (a: TrackedCall, b: TrackedCall): number =>
    beganOf(a) < beganOf(b) ? 1 : beganOf(a) > beganOf(b) ? -1 : 0,
};

interface CallRowProps {
  call: TrackedCall;
  labels: CallTrackerTexts;
  format: Format;
  currency: string | undefined;
}

function CallRow({ call, labels, format, currency }: CallRowProps): ReactNode {
  const { status, caller_number: caller, buyer_name: buyer, payout } = fields(call);
  // Some servers set no end for a call that was not answered.
  const times = ENDED.has(status) ? { ...call, ended_at: call.ended_at ?? beganOf(call) } : call;
  return (
    <div className="tw-call" data-status={status}>
      <span className="tw-call-caller">{caller}</span>
      {buyer && <span className="tw-call-buyer">{labels.to(buyer)}</span>}
      <span className="tw-row-end">
        <span className="tw-call-status">
          <span className="tw-dot" aria-hidden="true" />
          {labels.statuses[status] ?? status}
        </span>
        <CallDuration call={times} format={format} />
        {typeof payout === 'number' && payout > 0 && (
          <span className="tw-call-payout">{format.money(payout, currency)}</span>
        )}
      </span>
    </div>
  );
}

function CallTrackerOfAny<T extends TrackedCall>(
  props: CallTrackerProps<T>,
  ref: ForwardedRef<HTMLElement>,
): ReactNode {
  const [source, others] = splitSource<T, CallTrackerProps<T>>(props);
  const { campaignId, currency, renderItem, rowHeight, maxHeight, texts, format, ...section } =
    others;
  const channel = source.channel ?? (campaignId ? `calls:${campaignId}` : null);
  const rows = useRows({ ...source, channel }, DEFAULTS);
  const { items, isLoading } = rows;
  const labels = useLabels(ENGLISH, texts);
  const formatter = useFormat(format);
  const active = useMemo(
    () => items.reduce((sum, { status }) => sum + Number(!ENDED.has(status)), 0),
    [items],
  );
  const render = useMemo(
    () =>
      renderItem ??
      ((call: T) => <CallRow call={call} labels={labels} format={formatter} currency={currency} />),
    [renderItem, labels, formatter, currency],
  );
  return (
    <ListPanel
      section={section}
      sectionRef={ref}
      classes={['tw-call-tracker call-tracker', 'tw-calls']}
      labels={labels}
      rows={rows}
      keyOf={idOf}
      render={render}
      summary={<p className="tw-call-summary">{labels.summary(active, items.length)}</p>}
      {...{ rowHeight, maxHeight }}
    >
      <NewItemAnnouncement items={items} keyOf={idOf} isLoading={isLoading} text={labels.arrived} />
    </ListPanel>
  );
}

/** The calls of a campaign, live, with their durations. A long list is virtualized. */
export const CallTracker = /* @__PURE__ */ forwardRef(CallTrackerOfAny as never) as <
  T extends TrackedCall = TrackedCall,
>(
  props: CallTrackerProps<T> & RefAttributes<HTMLElement>,
) => ReactNode;

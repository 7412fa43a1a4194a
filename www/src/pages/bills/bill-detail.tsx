import { LiveFeed, RealtimeChart } from 'tidewire/components';
import { useMessages } from 'tidewire/react';
import type { Bill, BillEngagement, EngagementCounts } from 'tidewire/services';
import { type BillEvent, BillEventLine, isBillEvent } from './bill-event-line.tsx';
import { BillStatusTag } from './bill-status-tag.tsx';
import { Engagement } from './engagement.tsx';

interface Props {
  bill: Bill;
  /** `undefined` until they are loaded. */
  counts: BillEngagement | undefined;
  /** The channel of the bill's events. */
  channel: string;
}

const keyOf = ({ key }: BillEvent): number => key;
const renderItem = (event: BillEvent) => <BillEventLine event={event} />;
const viewsOf = ({ view_count: views }: EngagementCounts): number => views;

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' });

/** One bill: its status, its engagement and its events. */
export function BillDetail({ bill, counts, channel }: Props) {
  const { messages } = useMessages<object>(channel, { limit: 200 });
  const events = messages.filter(isBillEvent);
  return (
    <div className="bill-detail" data-testid="bill" data-key={bill.id}>
      <div className="part">
        <div className="part-line">
          <h3>
            {bill.number}: {bill.title}
          </h3>
          <BillStatusTag status={bill.status} />
        </div>
        <p>{bill.summary}</p>
        <p className="bill-origin">
          {bill.sponsor}, {bill.chamber}, introduced on {day.format(new Date(bill.introduced_on))}
        </p>
      </div>
      {counts && <Engagement counts={counts} />}
      <div className="part">
        <h3>Views in the last minutes</h3>
        <RealtimeChart
          channel={channel}
          event="engagement"
          value={viewsOf}
          windowMs={180_000}
          height={160}
          texts={{ label: `Views of ${bill.number}`, empty: 'No views since you opened the page.' }}
        />
      </div>
      <div className="part">
        <h3>Events</h3>
        <LiveFeed
          items={events}
          keyOf={keyOf}
          newestFirst
          renderItem={renderItem}
          maxHeight="16rem"
          texts={{
            label: `Events of ${bill.number}`,
            empty: 'Nothing since you opened the page.',
          }}
        />
      </div>
    </div>
  );
}

import { useMemo, useState } from 'react';
import {
  ActiveUsers,
  CallDuration,
  CallTracker,
  ConnectionIndicator,
  LiveBidding,
  LiveFeed,
  NotificationToast,
  OnlineStatus,
  RealtimeChart,
  TypingIndicator,
} from 'tidewire/components';
import { useCollection } from 'tidewire/react';
import {
  type BillEvents,
  bids,
  bills,
  type Comment,
  calls,
  community,
  notifications,
  placeBid,
} from 'tidewire/services';
import { nameOf } from '../../pane/person.ts';
import { useDemoSession } from '../../pane/use-demo-session.ts';
import { Exhibit } from './exhibit.tsx';

/** The channel that Ann and Bob share. */
export const GALLERY = 'gallery';

const ME = { name: 'Ann' };

/** The maximum number of rows shown of each list. */
const SHOWN = 6;

const viewsOf = ({ view_count: views }: BillEvents['engagement']): number => views;

/** The ten components. */
export function Gallery() {
  const { person, stored } = useDemoSession();
  const [openedAt] = useState(() => new Date().toISOString());
  const services = useMemo(
    () => ({
      bids: bids({ source: stored }),
      bills: bills({ source: stored }),
      calls: calls({ source: stored }),
      community: community({ source: stored }),
      notifications: notifications({ source: stored }),
    }),
    [stored],
  );
  const callRows = useCollection(services.calls.calls.at('2'));
  const bidRows = useCollection(services.bids.bids.at('2'));
  const comments = useCollection<Comment>(services.community.comments.at('2'));
  const inbox = useCollection(services.notifications.notifications.at(person.id));
  return (
    <div className="gallery">
      <Exhibit
        name="ConnectionIndicator"
        about="The state of the connection; details on hover, focus or touch."
        code="<ConnectionIndicator />"
      >
        <ConnectionIndicator />
      </Exhibit>
      <Exhibit
        name="OnlineStatus"
        about="Whether the page is live. It opens no connection itself."
        code="<OnlineStatus />"
      >
        <OnlineStatus />
      </Exhibit>
      <Exhibit
        name="ActiveUsers"
        about="Who is present on a channel, including this user."
        code={'<ActiveUsers channel="gallery" me={{ name }} />'}
      >
        <ActiveUsers channel={GALLERY} me={ME} />
      </Exhibit>
      <Exhibit
        name="TypingIndicator"
        about="Who is typing on a channel. Type as Bob, above."
        code={'<TypingIndicator channel="gallery" me="ann" />'}
      >
        <TypingIndicator channel={GALLERY} me={person.id} />
      </Exhibit>
      <Exhibit
        name="CallDuration"
        about="A duration, by one clock for the whole page: here, your visit."
        code="<CallDuration call={{ started_at }} />"
      >
        <CallDuration call={{ started_at: openedAt, answered_at: openedAt }} />
      </Exhibit>
      <Exhibit
        name="NotificationToast"
        about="Notifications that arrive while the page is open; important ones stay until closed."
        code={'<NotificationToast userId="ann" />'}
      >
        <p>
          <button
            type="button"
            className="button"
            onClick={() =>
              inbox.insert({
                type: 'info',
                category: 'message',
                title: 'Hello from the gallery',
                message: 'This one closes by itself.',
                priority: 'normal',
                read: false,
                data: null,
              })
            }
          >
            Show one
          </button>
        </p>
        <NotificationToast collection={inbox} />
      </Exhibit>
      <Exhibit
        name="CallTracker"
        about="The calls of a campaign, live."
        code={'<CallTracker campaignId="2" load={loadCalls} />'}
      >
        <CallTracker items={callRows.items.slice(0, SHOWN)} currency="USD" />
      </Exhibit>
      <Exhibit
        name="LiveBidding"
        about="Bids, and a form that shows why one was rejected."
        code={'<LiveBidding campaignId="2" bidderId="ann" />'}
      >
        <LiveBidding
          campaignId="2"
          items={bidRows.items.slice(0, SHOWN)}
          onBid={(amount) =>
            placeBid(bidRows, '2', { bidder_id: person.id, amount, currency: 'USD' }).promise
          }
          nameOf={nameOf}
          bidderId={person.id}
          currency="USD"
        />
      </Exhibit>
      <Exhibit
        name="LiveFeed"
        about="Rows or messages, entry by entry; of a long feed only the visible entries are rendered."
        code={'<LiveFeed channel="comments:2" load={loadComments} />'}
      >
        <LiveFeed items={comments.items.slice(-SHOWN)} newestFirst />
      </Exhibit>
      <Exhibit
        name="RealtimeChart"
        about="Values of the last minutes as lines, as text, and as a table."
        code={
          '<RealtimeChart channel="bill:1" event="engagement" value={(message) => message.view_count} />'
        }
      >
        <RealtimeChart
          channel={services.bills.bill.at('1')}
          event="engagement"
          value={viewsOf}
          windowMs={120_000}
          height={160}
          texts={{
            label: 'Views of the first bill',
            empty: 'No change since you opened the page.',
          }}
        />
      </Exhibit>
    </div>
  );
}

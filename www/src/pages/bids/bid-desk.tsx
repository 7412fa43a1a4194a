import { useMemo, useState } from 'react';
import { LiveBidding } from 'tidewire/components';
import { useCollection } from 'tidewire/react';
import { bids, calls, highestBid, withdrawBid } from 'tidewire/services';
import { labelOf, nameOf } from '../../pane/person.ts';
import { Picker } from '../../pane/picker.tsx';
import { RollbackNotices } from '../../pane/rollback-notices.tsx';
import { useDemoSession } from '../../pane/use-demo-session.ts';
import { useRollbacks } from '../../pane/use-rollbacks.ts';

/** The bids for a campaign, and a form for the user's own bids. */
export function BidDesk() {
  // Stored over REST, so that a bid fails without a network instead of being sent later.
  const { person, stored } = useDemoSession();
  const services = useMemo(
    () => ({ calls: calls({ source: stored }), bids: bids({ source: stored }) }),
    [stored],
  );
  const campaigns = useCollection(services.calls.campaigns.at());
  const [campaign, choose] = useState('1');
  const rows = useCollection(services.bids.bids.at(campaign));
  const { list, watch, dismiss } = useRollbacks();
  const highest = highestBid(rows.items);
  const isOwn = highest?.bidder_id === person.id;
  return (
    <>
      <Picker
        label="Campaign"
        rows={campaigns.items}
        value={campaign}
        nameOf={({ name }) => name}
        onChange={choose}
      />
      <LiveBidding
        key={campaign}
        campaignId={campaign}
        collection={rows}
        bidderId={person.id}
        currency="USD"
        nameOf={nameOf}
        maxHeight="24rem"
        texts={{ label: labelOf(person, 'Bids') }}
      />
      <RollbackNotices list={list} dismiss={dismiss} />
      <div>
        <button
          type="button"
          className="button"
          disabled={!isOwn}
          onClick={() => highest && watch(withdrawBid(rows, highest.id), 'the withdrawal')}
        >
          Withdraw your bid
        </button>
      </div>
    </>
  );
}

import { useMemo } from 'react';
import { CallTracker } from 'tidewire/components';
import { useCollection } from 'tidewire/react';
import { calls } from 'tidewire/services';
import { useDemoSession } from '../../pane/use-demo-session.ts';
import { CampaignList } from './campaign-list.tsx';
import { CampaignStatistics } from './campaign-statistics.tsx';
import { TestCall } from './test-call.tsx';

interface Props {
  /** The campaign in the location, if one is there. */
  chosen: string | undefined;
}

/** The campaigns, and the calls of one of them. */
export function CallDesk({ chosen }: Props) {
  const { stored } = useDemoSession();
  const service = useMemo(() => calls({ source: stored }), [stored]);
  const campaigns = useCollection(service.campaigns.at());
  const campaign = campaigns.items.find(({ id }) => id === chosen) ?? campaigns.items[0];
  const rows = useCollection(campaign && service.calls.at(campaign.id));
  if (!campaign) {
    return (
      <p className="empty">
        {campaigns.error?.message ?? (campaigns.isLoading ? 'Loading…' : 'No campaigns.')}
      </p>
    );
  }
  return (
    <>
      <CampaignList campaigns={campaigns} chosen={campaign.id} />
      <div className="call-desk">
        <CampaignStatistics
          key={campaign.id}
          campaign={campaign}
          channel={service.campaigns.at().channel}
        />
        <div className="part">
          <div className="part-line">
            <h3>Calls of “{campaign.name}”</h3>
            <TestCall calls={rows} />
          </div>
          <CallTracker collection={rows} currency="USD" maxHeight="30rem" />
        </div>
      </div>
    </>
  );
}

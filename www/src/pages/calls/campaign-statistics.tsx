import { useMemo } from 'react';
import { RealtimeChart } from 'tidewire/components';
import { type ReceivedMessage, useMessages } from 'tidewire/react';
import type { Campaign, RowEvents } from 'tidewire/services';
import { Figures } from '../../pane/figures.tsx';

interface Props {
  campaign: Campaign;
  /** The channel that sends the statistics as messages. */
  channel: string;
}

/** A change of a campaign, as its channel sends it. */
type CampaignUpdate = RowEvents<Campaign>['update'];

const timeOf = ({ meta }: ReceivedMessage<CampaignUpdate>): number => meta.receivedAt;
const runningOf = ({ message }: ReceivedMessage<CampaignUpdate>): number | undefined =>
  message.row.calls_active;

const money = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'USD' });
const share = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 1 });
const number = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });

/** Formats a duration in minutes and seconds. */
const lasting = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`;

/** The statistics of a campaign's calls, and the number of running calls over time. */
export function CampaignStatistics({ campaign, channel }: Props) {
  const { id } = campaign;
  const { messages } = useMessages<CampaignUpdate>(channel, { event: 'update', limit: 500 });
  const own = useMemo(
    () => messages.filter(({ message }) => message.row.id === id),
    [messages, id],
  );
  const figures = [
    { name: 'Running', value: number.format(campaign.calls_active) },
    { name: 'Completed', value: number.format(campaign.calls_completed) },
    { name: 'Revenue', value: money.format(campaign.revenue) },
    { name: 'Conversion', value: share.format(campaign.conversion_rate) },
    { name: 'Average', value: lasting(campaign.average_duration_seconds) },
    { name: 'Quality', value: number.format(campaign.quality_score) },
  ];
  return (
    <div className="part">
      <h3>Statistics</h3>
      <Figures label={`Statistics of ${campaign.name}`} figures={figures} />
      <h3>Calls running in the last minutes</h3>
      <RealtimeChart
        items={own}
        time={timeOf}
        value={runningOf}
        windowMs={180_000}
        height={160}
        texts={{
          label: `Running calls of ${campaign.name}`,
          empty: 'No change since you opened the page.',
        }}
      />
    </div>
  );
}

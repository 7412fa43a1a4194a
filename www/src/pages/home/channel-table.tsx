import type { ChannelStats } from 'tidewire';
import { ScrollRegion } from '../../components/scroll-region.tsx';

interface Props {
  channels: readonly ChannelStats[];
}

/** The open channels. */
export function ChannelTable({ channels }: Props) {
  if (channels.length === 0) return <p className="empty">No channel is open.</p>;
  return (
    <ScrollRegion className="table-scroll" label="Channels">
      <table data-testid="channel-stats">
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">State</th>
            <th scope="col">Continuity</th>
            <th scope="col" className="number">
              References
            </th>
            <th scope="col" className="number">
              Received
            </th>
            <th scope="col" className="number">
              Sent
            </th>
          </tr>
        </thead>
        <tbody>
          {channels.map((channel) => (
            <tr key={channel.key} data-channel={channel.key}>
              <th scope="row">{channel.key}</th>
              <td>{channel.state}</td>
              <td>{channel.continuity}</td>
              <td className="number" data-testid="references">
                {channel.referenceCount}
              </td>
              <td className="number">{counter(channel.messagesReceived)}</td>
              <td className="number">{counter(channel.messagesSent)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

const counter = (value: unknown): string => (typeof value === 'number' ? String(value) : '–');

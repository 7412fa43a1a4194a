import type { Metrics } from 'tidewire';
import { duration, size } from '../../components/format.ts';

interface Props {
  metrics: Metrics;
}

type Row = [name: string, value: string];

const time = (ms: number | null): string => (ms === null ? '–' : duration(ms));

function groups(metrics: Metrics): [title: string, rows: Row[]][] {
  const { rtt } = metrics;
  return [
    [
      'Connection',
      [
        ['Attempts', String(metrics.connectionAttempts)],
        ['Successful', String(metrics.successfulConnections)],
        ['Reconnects', String(metrics.reconnects)],
        ['Up now', time(metrics.currentUptime || null)],
        ['Up in all', time(metrics.totalUptime || null)],
        ['Errors', String(metrics.errors)],
      ],
    ],
    [
      'Messages',
      [
        ['Received', String(metrics.messagesReceived)],
        ['Sent', String(metrics.messagesSent)],
        ['Unsettled', String(metrics.queueDepth)],
        ['Recovered', String(metrics.recovered)],
        ['Duplicates dropped', String(metrics.duplicatesDropped)],
        ['Gaps', String(metrics.gaps)],
      ],
    ],
    [
      'Wire',
      [
        ['Bytes in', size(metrics.bytesReceived)],
        ['Bytes out', size(metrics.bytesSent)],
        ['Round trip', time(rtt.last)],
        ['Round trip, median', time(rtt.p50)],
        ['Round trip, 99 %', time(rtt.p99)],
        ['Invalid frames', String(metrics.invalidFrames)],
      ],
    ],
  ];
}

/** The counters since the page was loaded. */
export function MetricsTable({ metrics }: Props) {
  return (
    <div className="metric-groups" data-testid="metrics">
      {groups(metrics).map(([title, rows]) => (
        <table key={title}>
          <caption>{title}</caption>
          <tbody>
            {rows.map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className="number">{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}

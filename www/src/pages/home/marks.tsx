import { duration } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import type { Progress } from '../../realtime/room.ts';

const WAY = ['queued', 'sent', 'acked'] as const;

interface Props {
  progress: Progress;
  /** How often the message was received on the channel. */
  arrivals: number;
}

/** The status of a sent message: queued → sent → acked, or failed with a hint. */
export function Marks({ progress, arrivals }: Props) {
  if (progress.status === 'failed') {
    return (
      <p className="marks-failed" data-testid="mark">
        <span className="mark failed">
          <Icon name="cross" />
          failed
        </span>{' '}
        <code>{progress.code}</code> {progress.hint}
      </p>
    );
  }
  const reached = WAY.indexOf(progress.status);
  return (
    <div className="marks">
      <ol aria-hidden="true">
        {WAY.map((step, at) => (
          <li key={step} className={at <= reached ? 'mark on' : 'mark'}>
            {at <= reached && <Icon name="check" />}
            {step}
          </li>
        ))}
      </ol>
      <span className="visually-hidden" data-testid="mark">
        {progress.status}
      </span>
      {progress.status === 'acked' && (
        <span className="marks-note">
          {progress.seq !== undefined && `#${progress.seq}, `}
          after {duration(progress.afterMs)}
          {arrivals > 0 && `, arrived ${arrivals === 1 ? 'once' : `${arrivals} times`}`}
        </span>
      )}
    </div>
  );
}

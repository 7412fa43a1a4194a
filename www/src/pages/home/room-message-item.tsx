import { timeOfDay } from '../../components/format.ts';
import type { RoomMessage } from '../../realtime/room.ts';
import { Marks } from './marks.tsx';

interface Props {
  line: RoomMessage;
}

/** One message with its status. */
export function RoomMessageItem({ line }: Props) {
  const { from, text, at, progress, arrivals, recovered } = line;
  return (
    <li
      className={progress ? 'line own' : 'line'}
      data-testid="line"
      data-status={progress?.status ?? 'received'}
      data-arrivals={arrivals}
    >
      <p className="line-head">
        <b>{from}</b>
        <time dateTime={new Date(at).toISOString()}>{timeOfDay(at)}</time>
        {recovered && <span className="tag">caught up</span>}
      </p>
      <p className="line-text">{text}</p>
      {progress && <Marks progress={progress} arrivals={arrivals} />}
    </li>
  );
}

import { ScrollRegion } from '../../components/scroll-region.tsx';
import { Switch } from '../../components/switch.tsx';
import { useStore } from '../../hooks/use-store.ts';
import { useSubscription } from '../../hooks/use-subscription.ts';
import { ROOM } from '../../realtime/client.ts';
import { receiveMessage, room } from '../../realtime/room.ts';
import { RoomMessageItem } from './room-message-item.tsx';
import { SendBox } from './send-box.tsx';

interface Props {
  listening: boolean;
  listen(on: boolean): void;
}

/** Sending and receiving messages. Sending needs no subscription; receiving does. */
export function Room({ listening, listen }: Props) {
  const lines = useStore(room);
  useSubscription(ROOM, listening, receiveMessage);
  return (
    <section className="panel room" aria-labelledby="room-title">
      <div className="panel-head">
        <div>
          <h2 id="room-title">Send a message</h2>
          <p>
            Hide the page or cut the connection and keep sending: messages wait in the queue and
            arrive once.
          </p>
        </div>
        <Switch on={listening} onChange={listen} testId="switch-room">
          Listen<span className="visually-hidden"> to the room</span>
        </Switch>
      </div>

      <ScrollRegion className="room-scroll" label="Messages" follow={lines.at(-1)?.id}>
        {lines.length === 0 ? (
          <p className="empty">
            No messages yet. A message needs no subscription: sending one opens the connection for
            as long as it takes.
          </p>
        ) : (
          <ol className="lines" data-testid="lines">
            {lines.map((line) => (
              <RoomMessageItem key={line.id} line={line} />
            ))}
          </ol>
        )}
      </ScrollRegion>
      <SendBox />
    </section>
  );
}

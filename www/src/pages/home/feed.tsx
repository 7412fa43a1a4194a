import type { Listening } from './listening.ts';
import { Membership } from './membership.tsx';
import { ParcelCounter } from './parcel-counter.tsx';
import { ParcelList } from './parcel-list.tsx';

interface Props {
  listening: Listening;
  listen(changes: Partial<Listening>): void;
}

/** Two independent components on one channel. */
export function Feed({ listening, listen }: Props) {
  const any = listening.list || listening.counter;
  return (
    <section className="panel feed" aria-labelledby="feed-title">
      <div className="panel-head">
        <div>
          <h2 id="feed-title">Two components, one channel</h2>
          <p>
            They are independent and subscribe separately, yet share one membership and one socket.
            Switch off both, and the socket closes a second later.
          </p>
        </div>
        <button
          type="button"
          className={any ? 'button' : 'button primary'}
          data-testid="listen"
          onClick={() => listen({ list: !any, counter: !any })}
        >
          {any ? 'Stop listening' : 'Start listening'}
        </button>
      </div>
      <Membership />
      <div className="feed-pair">
        <ParcelList listening={listening.list} onChange={(list) => listen({ list })} />
        <ParcelCounter listening={listening.counter} onChange={(counter) => listen({ counter })} />
      </div>
    </section>
  );
}

import type { ChannelStats, Continuity } from 'tidewire';
import { count } from '../../components/format.ts';
import { useStore } from '../../hooks/use-store.ts';
import { FEED } from '../../realtime/client.ts';
import { connection } from '../../realtime/connection.ts';
import { footprint } from '../../realtime/footprint.ts';
import { sockets } from '../../realtime/sockets.ts';
import { statistics } from '../../realtime/statistics.ts';

/** Describes the membership of the channel. */
export function Membership() {
  const { channels } = useStore(statistics);
  const { state } = useStore(connection);
  const { open } = useStore(sockets);
  const engine = useStore(footprint);
  const feed = channels.find(({ key }) => key === FEED);
  return (
    <p
      className="membership"
      data-testid="membership"
      data-references={feed?.referenceCount ?? 0}
      data-state={feed?.state ?? 'none'}
    >
      {feed ? describe(feed) : nothing(open, engine.phase, state)}
    </p>
  );
}

function describe({ referenceCount, state, continuity }: ChannelStats): string {
  if (referenceCount === 0) return 'No subscribers. The channel lingers for 1 s, then it is left.';
  const shared = `One membership of “${FEED}”, shared by ${count(referenceCount, 'component')}`;
  return `${shared}: ${state}${AFTER_A_BREAK[continuity]}.`;
}

const AFTER_A_BREAK: Record<Continuity, string> = {
  fresh: '',
  recovered: '; after the break everything missed was delivered',
  gap: '; some events were lost in the break',
  unknown: '; what was published during the break may be missing',
};

function nothing(open: number, engine: 'absent' | 'loaded', state: string): string {
  if (open > 0) return 'Not a member. Something else on the page keeps the socket open.';
  if (engine === 'absent' && state === 'idle')
    return 'The engine is not loaded and there is no connection: nothing has been requested yet.';
  return 'Not a member, and no socket.';
}

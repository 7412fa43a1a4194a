import { duration, size } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { useStore } from '../../hooks/use-store.ts';
import { footprint } from '../../realtime/footprint.ts';
import { sockets } from '../../realtime/sockets.ts';
import { statistics } from '../../realtime/statistics.ts';

interface Props {
  /** The number of components that are subscribed. */
  listeners: number;
}

/** The numbers of listeners, channels and sockets, and whether the engine is loaded. */
export function Chain({ listeners }: Props) {
  const { channels } = useStore(statistics);
  const { open, opened } = useStore(sockets);
  const engine = useStore(footprint);
  return (
    <ul className="chain" aria-label="What exists now">
      <Link number={listeners} noun="listener" testId="listeners" />
      <Link number={channels.length} noun="channel" testId="channels" follows />
      <Link number={open} noun="socket" testId="sockets" follows opened={opened} />
      <li className="chain-engine" data-testid="engine" data-phase={engine.phase}>
        {engine.phase === 'absent' ? (
          <>
            <b>0 kB</b>{' '}
            <span>
              engine<span className="chain-time">, not loaded</span>
            </span>
          </>
        ) : (
          <>
            <b>{size(engine.bytes)}</b>{' '}
            <span>
              engine<span className="chain-time">, in {duration(engine.ms)}</span>
            </span>
          </>
        )}
      </li>
    </ul>
  );
}

interface LinkProps {
  number: number;
  noun: string;
  testId: string;
  follows?: boolean;
  /** The total number since the page was loaded. */
  opened?: number;
}

function Link({ number, noun, testId, follows, opened }: LinkProps) {
  return (
    <li data-testid={testId} data-count={number} data-opened={opened}>
      {follows && <Icon name="arrow" />}
      <b>{number}</b> <span>{number === 1 ? noun : `${noun}s`}</span>
    </li>
  );
}

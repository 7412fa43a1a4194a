import { useAction } from '../../hooks/use-action.ts';
import { useStore } from '../../hooks/use-store.ts';
import { simulateOffline, unplugged } from '../../page/network.ts';
import { hiding, simulateHidden } from '../../page/visibility.ts';
import { control } from '../../realtime/control.ts';
import { record } from '../../realtime/event-log.ts';
import { identity } from '../../realtime/identity.ts';
import { loseChanges } from '../../realtime/simulate-log-loss.ts';
import { cutSockets } from '../../realtime/sockets.ts';
import { FaultControl } from './fault-control.tsx';

const DOWN_MS = 5_000;

interface Props {
  /** Whether the notes are open. */
  onBoard: boolean;
}

/** Controls that inject faults, and clear them. */
export function FaultControls({ onBoard }: Props) {
  const hidden = useStore(hiding);
  const offline = useStore(unplugged);
  const [outcome, run] = useAction();

  const act = (title: string, action: () => void | Promise<void>) => (): void => {
    record('you', title);
    run(title, async () => action());
  };
  const restore = async (): Promise<void> => {
    simulateHidden(false);
    simulateOffline(false);
    await control?.clear();
  };

  return (
    <section className="panel fault-controls" aria-labelledby="fault-controls-title">
      <h2 id="fault-controls-title">Try to break it</h2>
      <ul className="fault-control-list">
        <FaultControl
          title={hidden ? 'Show the page' : 'Hide the page'}
          testId="hide"
          active={hidden}
          onRun={act(hidden ? 'You show the page' : 'You hide the page', () =>
            simulateHidden(!hidden),
          )}
        >
          {hidden
            ? 'As if the page became visible: connects at once, and sends what is queued.'
            : 'As if you changed tabs: after 5 s the socket closes with code 4000.'}
        </FaultControl>
        <FaultControl
          title={offline ? 'Go online' : 'Go offline'}
          testId="offline"
          active={offline}
          onRun={act(offline ? 'You go online' : 'You go offline', () => simulateOffline(!offline))}
        >
          {offline
            ? 'As if the network were back: connects at once, and sends what is queued.'
            : 'As if the network went away: no attempts until it is back.'}
        </FaultControl>
        <FaultControl
          title="Cut the connection"
          testId="cut"
          onRun={act('You cut the connection', () => (control ? control.drop() : cutSockets()))}
        >
          {control
            ? 'The server drops every connection without a close frame. The client is back in a moment.'
            : 'Closes the socket without the client’s knowledge. It is back in a moment.'}
        </FaultControl>
        <FaultControl
          title="Take the server down for 5 s"
          testId="restart"
          disabled={!control}
          onRun={act('You take the server down', () => control?.restart(DOWN_MS))}
        >
          Attempts back off until it is running again, then all channels are joined again.
        </FaultControl>
        <FaultControl
          title="Miss more than the server’s log contains"
          testId="lose"
          disabled={!control || !onBoard}
          onRun={act(
            'You miss more than the server’s log contains',
            () => control && loseChanges(control),
          )}
        >
          {onBoard
            ? 'The notes change while this tab is offline, and the server drops the messages. The gap is reported, and the notes load again.'
            : 'Open the notes first: then you can lose messages about them and see what happens.'}
        </FaultControl>
        <FaultControl
          title="Expire my token"
          testId="expire"
          disabled={!control}
          onRun={act('You let your token expire', () => control?.expireTokens(identity.get()))}
        >
          The server no longer accepts it. The client fetches a fresh one and continues.
        </FaultControl>
      </ul>
      <div className="fault-controls-foot">
        <button
          type="button"
          className="button"
          data-testid="restore"
          onClick={act('You clear all faults', restore)}
        >
          Clear all faults
        </button>
        <p
          role="status"
          className={outcome.phase === 'failed' ? 'fault-controls-note bad' : 'fault-controls-note'}
        >
          {note(outcome)}
        </p>
      </div>
    </section>
  );
}

function note(outcome: ReturnType<typeof useAction>[0]): string {
  if (outcome.phase === 'failed') return outcome.message;
  if (outcome.phase === 'busy') return 'Waiting for the server…';
  if (control) return '';
  return 'Some of these need the server’s control endpoint: start the demo with “cargo xtask demo”.';
}

import { exactTime } from '../../components/format.ts';
import { ScrollRegion } from '../../components/scroll-region.tsx';
import { useStore } from '../../hooks/use-store.ts';
import { clearEventLog, eventLog } from '../../realtime/event-log.ts';

/** The event log. Not announced to screen readers: the status bar announces the important changes. */
export function EventLog() {
  const entries = useStore(eventLog);
  return (
    <section className="panel event-log" aria-labelledby="event-log-title">
      <div className="panel-head">
        <h2 id="event-log-title">Event log</h2>
        <button type="button" className="button quiet" onClick={clearEventLog}>
          Clear
        </button>
      </div>
      {entries.length === 0 ? (
        <p className="empty">
          Every change of the connection appears here, with its reason. There has been none so far.
        </p>
      ) : (
        <ScrollRegion className="event-log-scroll" label="Events">
          <ol className="entries" data-testid="event-log">
            {entries.map(({ id, at, kind, text, reason }) => (
              <li key={id} data-kind={kind} data-reason={reason}>
                <time dateTime={new Date(at).toISOString()}>{exactTime(at)}</time>
                <span className="entry-kind">{kind}</span>
                <span className="entry-text">
                  {text} {reason && <code>{reason}</code>}
                </span>
              </li>
            ))}
          </ol>
        </ScrollRegion>
      )}
    </section>
  );
}

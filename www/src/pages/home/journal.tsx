import { exactTime } from '../../components/format.ts';
import { ScrollRegion } from '../../components/scroll-region.tsx';
import { useStore } from '../../hooks/use-store.ts';
import { clearJournal, journal } from '../../realtime/event-log.ts';

/** What happened and why. Silent: the status bar announces what matters. */
export function Journal() {
  const entries = useStore(journal);
  return (
    <section className="panel journal" aria-labelledby="journal-title">
      <div className="panel-head">
        <h2 id="journal-title">What happened</h2>
        <button type="button" className="button quiet" onClick={clearJournal}>
          Clear
        </button>
      </div>
      {entries.length === 0 ? (
        <p className="empty">
          Every change of the connection appears here, with its reason. So far there was none.
        </p>
      ) : (
        <ScrollRegion className="journal-scroll" label="Events">
          <ol className="entries" data-testid="journal">
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

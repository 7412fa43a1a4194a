import { timeOfDay } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { ScrollRegion } from '../../components/scroll-region.tsx';
import { Switch } from '../../components/switch.tsx';
import { useParcels } from '../../hooks/use-parcels.ts';

interface Props {
  listening: boolean;
  onChange(listening: boolean): void;
}

/** The latest events. Not announced: one a second is too much for a screen reader. */
export function ParcelList({ listening, onChange }: Props) {
  const events = useParcels(listening);
  return (
    <article className="card" aria-labelledby="list-title" data-listening={listening}>
      <header className="card-head">
        <h3 id="list-title">Parcel list</h3>
        <Switch on={listening} onChange={onChange} testId="switch-list">
          Listen<span className="visually-hidden"> with the parcel list</span>
        </Switch>
      </header>
      {events.length === 0 ? (
        <p className="empty">
          {listening ? 'Waiting for the first event…' : 'Off: this component is not subscribed.'}
        </p>
      ) : (
        <ScrollRegion className="parcels-scroll" label="Parcel events">
          <ol className="parcels" data-testid="feed">
            {events.map((event) => (
              <li key={event.key} data-testid="feed-item" data-seq={event.seq}>
                <span className="parcel-status" data-status={event.status}>
                  {event.status}
                </span>
                <span className="parcel-what">
                  <b>{event.parcel}</b>{' '}
                  <span className="parcel-way">
                    {event.from} <Icon name="arrow" /> <span className="visually-hidden">to</span>{' '}
                    {event.to}
                  </span>
                </span>
                <span className="parcel-meta">
                  {event.recovered && <span className="tag">caught up</span>}
                  {event.seq !== undefined && <span>#{event.seq}</span>}
                  <time dateTime={new Date(event.at).toISOString()}>{timeOfDay(event.at)}</time>
                </span>
              </li>
            ))}
          </ol>
        </ScrollRegion>
      )}
    </article>
  );
}

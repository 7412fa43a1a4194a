import { Switch } from '../../components/switch.tsx';
import { useOpened } from '../../hooks/use-opened.ts';
import { client } from '../../realtime/client.ts';
import { loss, NOTES, openNotes } from '../../realtime/notes.ts';
import { Board } from './board.tsx';

interface Props {
  open: boolean;
  onChange(open: boolean): void;
}

/** A shared board: rows that everybody can change, with presence. */
export function Notes({ open, onChange }: Props) {
  const notes = useOpened(open, openNotes);
  const channel = useOpened(open, () => client.channel(NOTES));
  const change = (next: boolean): void => {
    if (!next) loss.set(null);
    onChange(next);
  };
  return (
    <section className="panel notes" aria-labelledby="notes-title">
      <div className="panel-head">
        <div>
          <h2 id="notes-title">Notes that everybody edits</h2>
          <p>
            What you change shows at once and is marked until the server has stored it. What it
            rejects is rolled back, and nothing else with it.
          </p>
        </div>
        <Switch on={open} onChange={change} testId="switch-notes">
          Open<span className="visually-hidden"> the notes</span>
        </Switch>
      </div>
      {notes && channel ? (
        <Board notes={notes} channel={channel} />
      ) : (
        <p className="empty">
          Closed: nothing is loaded. Opened, the notes are fetched once, and from then on messages
          keep them up to date.
        </p>
      )}
    </section>
  );
}

import { useEffect } from 'react';
import {
  RealtimeProvider,
  useInterviewNotesBroadcast,
  usePresence,
  useRealtime,
} from 'tidewire/legacy/broadcast';
import { Composer } from '../../../pane/composer.tsx';

const PROJECT = '1';
const INTERVIEW = 'interview-2';

/** The example app of the legacy documentation. */
export function BroadcastNotes() {
  return (
    <RealtimeProvider>
      <Project />
      <Notes interviewId={INTERVIEW} />
    </RealtimeProvider>
  );
}

function Project() {
  const { subscribeToProject, trackPresence, interviews, isConnected } = useRealtime();
  const people = usePresence(INTERVIEW);
  useEffect(() => {
    subscribeToProject(PROJECT).then(() => trackPresence(INTERVIEW));
  }, [subscribeToProject, trackPresence]);
  return (
    <>
      <p className="legacy-line" data-testid="status">
        {isConnected ? 'Connected' : 'Not connected'}, {interviews.length} interviews
      </p>
      <p className="legacy-line" data-testid="people">
        Here: {people.map(({ userName, userId }) => userName ?? userId).join(', ') || 'nobody'}
      </p>
    </>
  );
}

function Notes({ interviewId }: { interviewId: string }) {
  const { notes, isLoading, addNote, updateNote, deleteNote } = useInterviewNotesBroadcast({
    interviewId,
    enabled: true,
  });
  if (isLoading) return <p className="empty">Loading…</p>;
  return (
    <div className="part">
      <h3>Notes</h3>
      <Composer
        label="New note"
        submit="Add note"
        onSubmit={(content) => addNote({ scriptItemIds: ['1'], content })}
      />
      <ul className="legacy-rows" aria-label="Notes">
        {notes.map((note) => (
          <li key={note.tempId ?? note.id} data-key={note.id}>
            <span>{note.content}</span>
            <span>
              <button
                type="button"
                className="button quiet"
                aria-label={`Mark “${note.content}”`}
                onClick={() => updateNote(note.id, `${note.content} (seen)`)}
              >
                Mark
              </button>
              <button
                type="button"
                className="button quiet"
                aria-label={`Delete “${note.content}”`}
                onClick={() => deleteNote(note.id)}
              >
                Delete
              </button>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

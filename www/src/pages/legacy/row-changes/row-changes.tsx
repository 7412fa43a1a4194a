import { useEffect } from 'react';
import {
  ConnectionIndicator,
  InterviewRealtimeWrapper,
  useImprovedRealtime,
  useInterviewNotesRealtime,
  useRealtimeInterview,
  useRealtimePresence,
} from 'tidewire/legacy/interviews';
import { Composer } from '../../../pane/composer.tsx';
import { InterviewList } from './interview-list.tsx';

const PROJECT = '1';
const INTERVIEW = 'interview-1';

/** The example app of the legacy documentation. */
export function RowChanges() {
  return (
    <InterviewRealtimeWrapper>
      <Project />
    </InterviewRealtimeWrapper>
  );
}

function Project() {
  const { subscribeToProject, isLoading, error, connectionState } = useImprovedRealtime();
  useEffect(() => {
    subscribeToProject(PROJECT);
  }, [subscribeToProject]);
  return (
    <>
      <p className="legacy-line">
        <ConnectionIndicator /> {connectionState}
      </p>
      {error && <p role="alert">{error.message}</p>}
      {isLoading ? (
        <p className="empty">Loading…</p>
      ) : (
        <>
          <InterviewDetail interviewId={INTERVIEW} />
          <InterviewList />
        </>
      )}
    </>
  );
}

function InterviewDetail({ interviewId }: { interviewId: string }) {
  const interview = useRealtimeInterview(interviewId);
  const { notes, createNote, deleteNote } = useInterviewNotesRealtime(interviewId);
  const people = useRealtimePresence(interviewId);
  const { trackPresence, untrackPresence } = useImprovedRealtime();
  useEffect(() => {
    trackPresence(interviewId);
    return () => {
      untrackPresence();
    };
  }, [interviewId, trackPresence, untrackPresence]);
  return (
    <div className="part">
      <h3>{interview?.title}</h3>
      <p className="legacy-line" data-testid="people">
        Here: {people.map(({ userName, userId }) => userName ?? userId).join(', ') || 'nobody'}
      </p>
      <Composer label="New note" submit="Add note" onSubmit={(text) => void createNote(text)} />
      <ul className="legacy-rows" aria-label="Notes">
        {notes.map((note) => (
          <li key={note.id}>
            <span>{note.content}</span>
            <button
              type="button"
              className="button quiet"
              aria-label={`Delete “${note.content}”`}
              onClick={() => void deleteNote(note.id)}
            >
              Delete
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

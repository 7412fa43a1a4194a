import { useInterviewNotesRealtime } from '@/hooks/useInterviewNotesRealtime';
import { RealtimeProvider, useInterviewNotes, useRealtime } from '@/lib/realtime/broadcast';

function List({ interviewId }: { interviewId: string }) {
  const { isConnected } = useRealtime();
  const notes = useInterviewNotes(interviewId);
  const { isAddingNote } = useInterviewNotesRealtime(interviewId);
  return (
    <p>
      {isConnected ? 'live' : 'not live'}, {notes.length} notes{isAddingNote && ', adding'}
    </p>
  );
}

export const Notes = ({ interviewId }: { interviewId: string }) => (
  <RealtimeProvider>
    <List interviewId={interviewId} />
  </RealtimeProvider>
);

import type { Interview, InterviewNote } from '@/lib/realtime';
import {
  ConnectionIndicator,
  InterviewRealtimeWrapper,
  useImprovedRealtime,
  useInterviewNotes,
  useInterviews,
} from '@/lib/realtime';

function Notes({ interviewId }: { interviewId: string }) {
  const notes: InterviewNote[] = useInterviewNotes(interviewId);
  return <li>{notes.length} notes</li>;
}

function List() {
  const interviews: Interview[] = useInterviews();
  const { connectionState } = useImprovedRealtime();
  return (
    <section>
      <ConnectionIndicator />
      <p>
        {connectionState}: {interviews.length} interviews
      </p>
      <ul>
        {interviews.map(({ id }) => (
          <Notes key={id} interviewId={id} />
        ))}
      </ul>
    </section>
  );
}

export const Interviews = () => (
  <InterviewRealtimeWrapper>
    <List />
  </InterviewRealtimeWrapper>
);

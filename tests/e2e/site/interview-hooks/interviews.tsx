/** An app with the older hooks of interviews that are updated by database changes, as their documentation uses them. */
import { type ReactNode, useEffect, useState } from 'react';
import type { RealtimeClient } from 'tidewire';
import * as legacy from 'tidewire/legacy/interviews';
import {
  ConnectionIndicator,
  InterviewRealtimeWrapper,
  useAllPresence,
  useImprovedRealtime,
  useInterview,
  useInterviewDetailRealtime,
  useInterviewNotes,
  useInterviewNotesRealtime,
  useInterviewPresence,
  useInterviewRealtime,
  useInterviews,
  useInterviewsRealtime,
  useRealtimeInterview,
  useRealtimeInterviewNotes,
  useRealtimeInterviews,
  useRealtimePresence,
} from 'tidewire/legacy/interviews';
import { user } from './backend.js';

const PROJECT = 'p1';

/** The results of the hooks in the last render. */
interface Hooks {
  improved: ReturnType<typeof useImprovedRealtime>;
  first: ReturnType<typeof useInterviewRealtime>;
  project: ReturnType<typeof useInterviewsRealtime>;
  detail: ReturnType<typeof useInterviewDetailRealtime>;
  notes: ReturnType<typeof useInterviewNotesRealtime>;
  allPresence: ReturnType<typeof useAllPresence>;
  /** Whether the aliases returned the same as the hooks of the other names. */
  aliases: boolean[];
  /** The result of the first render of `useInterviewRealtime`. */
  began: { isLoading: boolean; isSubscribed: boolean } | undefined;
}

const hooks = {} as Hooks;

function Interviews(): ReactNode {
  const project = useInterviewsRealtime(PROJECT, true);
  const improved = useImprovedRealtime();
  const first = useInterviewRealtime();
  hooks.began ??= { isLoading: first.isLoading, isSubscribed: first.isSubscribed };
  Object.assign(hooks, { project, improved, first, allPresence: useAllPresence() });
  const interviews = useRealtimeInterviews();
  hooks.aliases = [useInterviews() === interviews];
  return (
    <>
      <p id="state">{improved.connectionState}</p>
      <ConnectionIndicator />
      <ul aria-label="interviews">
        {interviews.map(({ id, title, status, note_count }) => (
          <li key={id}>
            {title} {status} {note_count}
          </li>
        ))}
      </ul>
    </>
  );
}

function Detail({ id }: { id: string }): ReactNode {
  const detail = useInterviewDetailRealtime(id);
  const notes = useInterviewNotesRealtime(id);
  Object.assign(hooks, { detail, notes });
  const shown = useRealtimeInterviewNotes(id);
  const people = useRealtimePresence(id);
  hooks.aliases.push(
    useInterview(id) === useRealtimeInterview(id),
    useInterviewNotes(id) === shown,
    useInterviewPresence(id) === people,
  );
  return (
    <>
      <h1>{detail.interview?.title}</h1>
      <ul aria-label="notes">
        {shown.map(({ id, content, replies }) => (
          <li key={id}>{[content, ...replies.map((reply) => `> ${reply.content}`)].join(' ')}</li>
        ))}
      </ul>
      <ul aria-label="people">
        {people.map(({ userId, userName, email, onlineAt }) => (
          <li key={userId}>
            {userName} {email} {String(onlineAt instanceof Date)}
          </li>
        ))}
      </ul>
    </>
  );
}

let show: (id: string | undefined) => void = () => {};

export function App(): ReactNode {
  const [detail, setDetail] = useState<string>();
  useEffect(() => {
    show = setDetail;
  }, []);
  return (
    <InterviewRealtimeWrapper>
      <Interviews />
      {detail && <Detail id={detail} />}
    </InterviewRealtimeWrapper>
  );
}

/** What the page exposes to tests. */
export const page = {
  hooks,
  legacy,
  client: undefined as unknown as RealtimeClient,
  user,
  project: PROJECT,
  /** Shows one interview, or none. */
  show: (id?: string): void => show(id),
  /** Values that tests keep between calls. */
  kept: {} as Record<string, unknown>,
};

export type InterviewsPage = typeof page;

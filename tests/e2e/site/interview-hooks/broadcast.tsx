/** An app with the legacy hooks of interviews that synchronize by broadcasts, as their documentation uses them. */
import { type ReactNode, useEffect, useState } from 'react';
import type { RealtimeClient } from 'tidewire';
import * as legacy from 'tidewire/legacy/broadcast';
import {
  RealtimeProvider,
  useBroadcastInterview,
  useBroadcastInterviewNotes,
  useBroadcastInterviews,
  useBroadcastPresence,
  useBroadcastRealtime,
  useInterview,
  useInterviewDetailRealtime,
  useInterviewNotes,
  useInterviewNotesBroadcast,
  useInterviewNotesRealtime,
  useInterviews,
  useInterviewsRealtime,
  usePresence,
  useRealtime,
} from 'tidewire/legacy/broadcast';
import { notices, user } from './backend.js';

const PROJECT = 'p1';

/** The results of the hooks in the last render. */
interface Hooks {
  realtime: ReturnType<typeof useBroadcastRealtime>;
  project: ReturnType<typeof useInterviewsRealtime>;
  asUser: ReturnType<typeof useInterviewsRealtime>;
  detail: ReturnType<typeof useInterviewDetailRealtime>;
  notes: ReturnType<typeof useInterviewNotesRealtime>;
  broadcast: ReturnType<typeof useInterviewNotesBroadcast>;
  /** Whether the short names returned the same as the long ones. */
  aliases: boolean[];
}

const hooks = {} as Hooks;

function Interviews(): ReactNode {
  const realtime = useBroadcastRealtime();
  const project = useInterviewsRealtime(PROJECT, true);
  const asUser = useInterviewsRealtime(PROJECT);
  Object.assign(hooks, { realtime, project, asUser });
  const interviews = useBroadcastInterviews();
  hooks.aliases = [useInterviews() === interviews, useRealtime().notes === realtime.notes];
  return (
    <>
      <p id="state">{realtime.isConnected && !realtime.isLoading ? 'connected' : 'waiting'}</p>
      <ul aria-label="interviews">
        {interviews.map(({ id, tempId, title, status }) => (
          <li key={tempId ?? id}>
            {title} {status}
          </li>
        ))}
      </ul>
    </>
  );
}

function Detail({ id }: { id: string }): ReactNode {
  const detail = useInterviewDetailRealtime(id);
  const shown = useBroadcastInterviewNotes(id);
  const people = useBroadcastPresence(id);
  hooks.detail = detail;
  hooks.aliases.push(
    useInterview(id) === useBroadcastInterview(id),
    useInterviewNotes(id) === shown,
    usePresence(id) === people,
  );
  return (
    <>
      <h1>{detail.interview?.title}</h1>
      <ul aria-label="project notes">
        {shown.map(({ id, tempId, content }) => (
          <li key={tempId ?? id}>{content}</li>
        ))}
      </ul>
      <ul aria-label="people">
        {people.map(({ userId, userName, email }) => (
          <li key={userId}>
            {userName} {email}
          </li>
        ))}
      </ul>
    </>
  );
}

function Notes({ id }: { id: string }): ReactNode {
  const notes = useInterviewNotesRealtime(id);
  const broadcast = useInterviewNotesBroadcast({ interviewId: id });
  Object.assign(hooks, { notes, broadcast });
  return (
    <ul aria-label="notes">
      {notes.notes.map(({ id, tempId, content, replies = [] }) => (
        <li key={tempId ?? id}>
          {[content, ...replies.map((reply) => `> ${reply.content}`)].join(' ')}
        </li>
      ))}
    </ul>
  );
}

let show: (id: string | undefined) => void = () => {};

export function App(): ReactNode {
  const [detail, setDetail] = useState<string>();
  useEffect(() => {
    show = setDetail;
  }, []);
  return (
    <>
      <RealtimeProvider>
        <Interviews />
        {detail && <Detail id={detail} />}
      </RealtimeProvider>
      {detail && <Notes id={detail} />}
    </>
  );
}

/** What the page exposes to tests. */
export const page = {
  hooks,
  legacy,
  client: undefined as unknown as RealtimeClient,
  user,
  notices,
  project: PROJECT,
  /** Shows one interview, or none. */
  show: (id?: string): void => show(id),
  /** Values that tests keep between calls. */
  kept: {} as Record<string, unknown>,
};

export type BroadcastPage = typeof page;

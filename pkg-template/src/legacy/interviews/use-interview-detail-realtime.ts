import { useCallback } from 'react';
import { useTracking } from '../use-view.js';
import { useProjectStore } from './provider.js';
import {
  useRealtimeInterview,
  useRealtimeInterviewNotes,
  useRealtimePresence,
} from './selectors.js';
import type { Interview, InterviewNote, PresenceUser } from './types.js';

export interface InterviewDetailRealtime {
  interview: Interview | undefined;
  notes: InterviewNote[];
  presence: PresenceUser[];
  /** Broadcasts the event `interview-update` to the project. */
  broadcastUpdate(data: object): Promise<void>;
}

/**
 * One interview. This user is shown on it while the component is mounted.
 *
 * @deprecated Use `useCollection` and `usePresence` of `tidewire/react`.
 */
export function useInterviewDetailRealtime(interviewId: string): InterviewDetailRealtime {
  const store = useProjectStore('useInterviewDetailRealtime');
  const interview = useRealtimeInterview(interviewId);
  const notes = useRealtimeInterviewNotes(interviewId);
  const presence = useRealtimePresence(interviewId);
  useTracking(store, interviewId);
  const broadcastUpdate = useCallback(
    (data: object) => store.broadcastEvent('interview-update', { interviewId, ...data }),
    [store, interviewId],
  );
  return { interview, notes, presence, broadcastUpdate };
}

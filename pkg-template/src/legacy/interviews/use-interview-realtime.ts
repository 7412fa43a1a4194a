import { useMemo } from 'react';
import { useProjectView } from '../use-view.js';
import type { ProjectStore } from './project-store.js';
import { useProjectStore } from './provider.js';
import type { ImprovedRealtime } from './selectors.js';
import type { ConnectionQuality, PresenceUser } from './types.js';

/** Whom to show: the second argument of `trackPresence`. */
export interface TrackedPresence {
  userId: string;
  userName?: string | undefined;
  email?: string | undefined;
  [extra: string]: unknown;
}

/** Somebody who looks at an interview, as the first provider had it. */
export interface InterviewPresence extends TrackedPresence {
  /** Since when, in ISO 8601. */
  onlineAt: string;
}

/** The first provider's context. */
export interface InterviewRealtime
  extends Omit<ImprovedRealtime, 'presence' | 'trackPresence' | 'subscribeToProject'> {
  presence: Record<string, InterviewPresence[]>;
  /** Whether the project's rows are there, and live. */
  isSubscribed: boolean;
  /** How good the connection is, as measured when it last changed. */
  connectionQuality?: ConnectionQuality;
  /** Shows a project; returns at once. */
  subscribeToProject(projectId: string): void;
  /** Tracks a user on an interview; by default the signed-in user. */
  trackPresence(interviewId: string, user?: TrackedPresence): Promise<void>;
  forceRefreshData(): Promise<void>;
  getConnectionQuality(): ConnectionQuality;
  /** Sends an event to everybody who listens to `project-realtime-{project}`. What fails, fails silently. */
  broadcastEvent(event: string, payload?: unknown): Promise<void>;
}

const presenceOf = ({ userId, userName, email, onlineAt, metadata }: PresenceUser) => ({
  ...metadata,
  userId,
  userName,
  email,
  onlineAt: onlineAt.toISOString(),
});

/** The functions of the first context: the same for as long as there is the store, so that effects may depend on them. */
const functionsOf = (store: ProjectStore) => ({
  subscribeToProject: (projectId: string) => void store.subscribeToProject(projectId),
  async trackPresence(interviewId: string, user?: TrackedPresence) {
    if (!user) return store.trackPresence(interviewId);
    const { userId, userName, email, ...metadata } = user;
    return store.track({ userId, userName, email, interviewId, metadata });
  },
  forceRefreshData: store.refresh,
  getConnectionQuality: store.getConnectionQuality,
  broadcastEvent: (event: string, payload: unknown = {}) => store.broadcastEvent(event, payload),
});

/**
 * The project of the nearest `InterviewRealtimeWrapper`, in the first provider's shape.
 *
 * @deprecated Use `useCollection`, `usePresence` and `useConnection` of `tidewire/react`.
 * @throws Error outside of one
 */
export function useInterviewRealtime(): InterviewRealtime {
  const store = useProjectStore('useInterviewRealtime');
  const improved = useProjectView(store);
  const functions = useMemo(() => functionsOf(store), [store]);
  return useMemo(() => {
    const { connectionState, presence, error } = improved;
    const isSubscribed = connectionState === 'connected';
    return {
      ...improved,
      presence: Object.fromEntries(
        Object.entries(presence).map(([interview, users]) => [interview, users.map(presenceOf)]),
      ),
      isSubscribed,
      isLoading: improved.isLoading || (connectionState === 'disconnected' && !error),
      ...(isSubscribed && { connectionQuality: store.getConnectionQuality() }),
      ...functions,
    };
  }, [store, improved, functions]);
}

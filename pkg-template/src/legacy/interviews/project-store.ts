/** The provider's store: one project at a time, for components. */
import { legacyConfig } from '../index.js';
import { type ProjectPlace, SessionStore } from '../session-store.js';
import type { TrackedUser } from './presence-manager.js';
import type { ProjectContents } from './project-rows.js';
import { ProjectSession } from './project-session.js';
import type { ConnectionQuality, ConnectionState, PresenceUser } from './types.js';

/** What is shown; the same object until something in it changed. */
export interface ProjectView extends ProjectContents {
  readonly presence: Readonly<Record<string, PresenceUser[]>>;
  readonly connectionState: ConnectionState;
  readonly isLoading: boolean;
  readonly error: Error | null;
}

const NOTHING: ProjectView = {
  interviews: [],
  notes: {},
  presence: {},
  connectionState: 'disconnected',
  isLoading: false,
  error: null,
};

const NOT_MEASURED: ConnectionQuality = {
  lastSuccessfulPing: 0,
  failedPings: 0,
  averageLatency: 0,
  isStable: false,
};

export class ProjectStore extends SessionStore<ProjectView, ProjectSession, TrackedUser> {
  constructor() {
    super(NOTHING);
  }

  readonly trackPresence = async (interviewId: string): Promise<void> => {
    const { user, profile } = legacyConfig().auth.getSnapshot() ?? {};
    if (!user) return;
    const userName = profile?.name ?? undefined;
    await this.track({ userId: user.id, userName, email: user.email, interviewId });
  };

  readonly refresh = async (): Promise<void> => {
    this.session?.rows.reload();
    await this.settled();
  };

  readonly broadcastEvent = async (event: string, payload: unknown): Promise<void> => {
    this.session?.broadcast(event, payload);
  };

  readonly getConnectionQuality = (): ConnectionQuality => this.session?.quality ?? NOT_MEASURED;

  protected open(place: ProjectPlace, changed: () => void): ProjectSession {
    return new ProjectSession(legacyConfig(), place, changed);
  }

  protected isCurrent({ place }: ProjectSession, { companyId, projectId }: ProjectPlace): boolean {
    const isSame = place.projectId === projectId && place.companyId === companyId;
    return isSame && this.getSnapshot().connectionState !== 'error';
  }

  protected isSettled({ connectionState }: ProjectView): boolean {
    return connectionState !== 'connecting';
  }

  protected override denied(): void {
    this.show({ error: Error('No company context') });
  }

  protected viewOf({ rows, presence, state, error }: ProjectSession): ProjectView {
    return {
      ...rows.contents,
      presence: presence.presences,
      connectionState: state,
      isLoading: rows.isLoading && !error,
      error,
    };
  }
}

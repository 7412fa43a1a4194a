/** The provider's store: one project at a time, for components. */
import { type ProjectPlace, SessionStore } from '../session-store.js';
import { BroadcastSession } from './broadcast-session.js';
import type { SessionStatus } from './managed-channel.js';
import type { People } from './project-people.js';
import type { Interview, InterviewNote } from './types.js';

/** What is shown; the same object until something in it changed. */
export interface BroadcastView extends SessionStatus {
  /** The newest first. */
  readonly interviews: Interview[];
  /** By interview, the newest first. */
  readonly notes: Readonly<Record<string, InterviewNote[]>>;
  readonly presence: People;
}

export class BroadcastStore extends SessionStore<BroadcastView, BroadcastSession, string> {
  constructor() {
    super({
      interviews: [],
      notes: {},
      presence: {},
      isConnected: false,
      isLoading: false,
      error: null,
    });
  }

  readonly trackPresence = this.track;

  readonly refresh = async (): Promise<void> => {
    await this.session?.reload();
  };

  protected open({ projectId }: ProjectPlace, changed: () => void): BroadcastSession {
    return new BroadcastSession(projectId, changed);
  }

  protected isCurrent(session: BroadcastSession, { projectId }: ProjectPlace): boolean {
    return session.projectId === projectId;
  }

  protected isSettled({ isLoading }: BroadcastView): boolean {
    return !isLoading;
  }

  protected viewOf({ interviews, notes, people, status }: BroadcastSession): BroadcastView {
    return { interviews, notes, presence: people.people, ...status };
  }
}

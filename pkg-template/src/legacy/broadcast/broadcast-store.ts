/** The provider's store: one project at a time, for components. */
import { type ProjectPlace, SessionStore } from '../session-store.js';
import { BroadcastSession } from './broadcast-session.js';
import type { People } from './project-people.js';
import type { SessionStatus } from './session-status.js';
import type { Interview, InterviewNote } from './types.js';

/** What is shown; the same object until something in it changed. */
export interface BroadcastView extends SessionStatus {
  /** The newest first. */
  readonly interviews: readonly Interview[];
  /** By interview, the newest first. */
  readonly notes: Readonly<Record<string, InterviewNote[]>>;
  /** By interview. */
  readonly presence: People;
}

/** Holds the session, and notifies listeners of changes. */
export class BroadcastStore extends SessionStore<BroadcastView, BroadcastSession> {
  /** Where this user is to be shown, even before there is a project. */
  #tracked: string | undefined;

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

  /** Shows this user on an interview. */
  readonly trackPresence = async (interviewId: string): Promise<void> => {
    this.#tracked = interviewId;
    this.session?.people.track(interviewId);
  };

  /** Shows this user nowhere. */
  readonly untrackPresence = async (): Promise<void> => {
    if (this.#tracked === undefined) return;
    this.#tracked = undefined;
    this.session?.people.untrack();
  };

  /** Loads everything again. */
  readonly refresh = async (): Promise<void> => {
    await this.session?.reload();
  };

  protected open({ projectId }: ProjectPlace, changed: () => void): BroadcastSession {
    const session = new BroadcastSession(projectId, changed);
    if (this.#tracked) session.people.track(this.#tracked);
    return session;
  }

  protected isCurrent(session: BroadcastSession, { projectId }: ProjectPlace): boolean {
    return session.projectId === projectId;
  }

  protected isSettled({ isLoading }: BroadcastView): boolean {
    return !isLoading;
  }

  protected override ended(): void {
    this.#tracked = undefined;
  }

  protected viewOf({ interviews, notes, people, status }: BroadcastSession): BroadcastView {
    return { interviews, notes, presence: people.people, ...status };
  }
}

/** The store of the provider: the state of one project at a time, for components. */
import { type ProjectKey, SessionStore } from '../session-store.js';
import { BroadcastSession, type BroadcastView } from './broadcast-session.js';

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

  protected open({ projectId }: ProjectKey, changed: () => void): BroadcastSession {
    return new BroadcastSession(projectId, changed);
  }

  protected isSettled({ isLoading }: BroadcastView): boolean {
    return !isLoading;
  }
}

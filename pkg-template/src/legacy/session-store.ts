/** The base of the providers' stores: one project at a time. */
import { RealtimeError } from '../index.js';
import { legacyConfig } from './index.js';
import { ViewStore } from './view-store.js';

/** Which project, of which company. */
export interface ProjectPlace {
  companyId: string;
  projectId: string;
}

/** What a project has open. */
interface ProjectSession {
  close(): void;
}

/** Opens the session of a project once a user is signed in who has a company, and shows it. */
export abstract class SessionStore<
  V extends object,
  S extends ProjectSession,
> extends ViewStore<V> {
  #session: S | undefined;
  /** Stops waiting for a user who may see the project. */
  #stopWaiting: () => void = () => {};

  /** Opens a project; `changed` is called when there is something else to show. */
  protected abstract open(place: ProjectPlace, changed: () => void): S;
  /** Whether a session goes on if this project is requested. */
  protected abstract isCurrent(session: S, place: ProjectPlace): boolean;
  /** Whether nothing is under way that `subscribeToProject` waits for. */
  protected abstract isSettled(view: V): boolean;
  protected abstract viewOf(session: S): V;
  /** Called if no user with a company is signed in. */
  protected denied(): void {}

  /** The project that is shown, if there is one. */
  get session(): S | undefined {
    return this.#session;
  }

  /**
   * The project that is shown.
   *
   * @throws RealtimeError `invalid_argument` if there is none
   */
  get project(): S {
    if (this.#session) return this.#session;
    throw new RealtimeError(
      'invalid_argument',
      'There is no project to be changed.',
      'Sign in, and call subscribeToProject with a project first.',
    );
  }

  /** Shows a project; settled once it is loaded, or it became clear that it will not be. */
  readonly subscribeToProject = async (projectId: string): Promise<void> => {
    const { auth } = legacyConfig();
    const company = () => auth.getSnapshot()?.profile?.company_id;
    const companyId = company();
    this.#stopWaiting();
    if (!companyId) {
      this.denied();
      // A session may still be loading.
      this.#stopWaiting = auth.subscribe(() => {
        if (company()) void this.subscribeToProject(projectId);
      });
      return;
    }
    const place = { companyId, projectId };
    if (!this.#session || !this.isCurrent(this.#session, place)) {
      this.#session?.close();
      this.#session = undefined;
      this.#session = this.open(place, () => this.#see());
      this.#see();
    }
    await this.settled();
  };

  /** Shows no project. */
  readonly unsubscribe = async (): Promise<void> => {
    const session = this.#session;
    this.#stopWaiting();
    this.#session = undefined;
    this.ended();
    session?.close();
    this.show(this.getServerSnapshot());
  };

  /** Called when no project is to be shown any more. */
  protected ended(): void {}

  protected settled(): Promise<void> {
    return this.until((view) => this.isSettled(view));
  }

  #see(): void {
    if (this.#session) this.show(this.viewOf(this.#session));
  }
}

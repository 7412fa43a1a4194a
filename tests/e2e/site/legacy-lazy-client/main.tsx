/** An app on the older lazy client. */
import { realtimeClient as shared } from 'tidewire';
import { configureLegacy } from 'tidewire/legacy';
import lazyClient, {
  type LazyMessage,
  realtimeClient,
  useRealtimeChannel,
} from 'tidewire/legacy/lazy-client';

/** The signed-in user, which a test can change. */
class Session {
  #token: string | null = null;
  readonly #listeners = new Set<() => void>();

  signIn(token: string | null): void {
    this.#token = token;
    for (const listener of this.#listeners) listener();
  }
  getSnapshot = () =>
    this.#token === null ? null : { user: { id: 'ann' }, session: { access_token: this.#token } };
  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** What the page exposes to tests. */
export interface LazyPage {
  realtimeClient: typeof realtimeClient;
  lazyClient: typeof lazyClient;
  shared: typeof shared;
  session: Session;
  /** The messages that each subscription received, by its name. */
  received: Record<string, LazyMessage[]>;
  /** Subscribes under a name. */
  subscribe(name: string, channel: string): void;
  /** Ends the subscription of a name. */
  unsubscribe(name: string): void;
  /** Subscribes one and the same function twice. */
  subscribeTwice(channel: string): [() => void, () => void];
  /** The states so far. */
  states: string[];
}

const query = new URLSearchParams(location.search);
const session = new Session();
shared.configure({
  url: query.get('url') ?? '',
  reconnect: { baseMs: 20, maxMs: 200 },
  visibility: { pauseAfterMs: 0 },
});
configureLegacy({ auth: session });

const offs: Record<string, () => void> = {};
const page: LazyPage = {
  realtimeClient,
  lazyClient,
  shared,
  session,
  received: {},
  subscribe(name, channel) {
    page.received[name] = [];
    offs[name] = useRealtimeChannel(channel, {}, (message) => page.received[name]?.push(message));
  },
  unsubscribe: (name) => offs[name]?.(),
  subscribeTwice(channel) {
    page.received.twice = [];
    const handler = (message: LazyMessage) => page.received.twice?.push(message);
    return [
      realtimeClient.subscribe(channel, {}, handler),
      realtimeClient.subscribe(channel, {}, handler),
    ];
  },
  states: [],
};
shared.on('state', () => page.states.push(realtimeClient.getState()));
Object.assign(window, { page });

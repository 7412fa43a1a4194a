import {
  createElement,
  type ReactNode,
  useEffect,
  useInsertionEffect,
  useRef,
  useState,
} from 'react';
import { type ClientOptions, createRealtimeClient, type RealtimeClient } from '../index.js';
import { ClientContext } from './context.js';
import { isAlive } from './errors.js';
import { useOptions } from './use-options.js';

/** Which client the hooks beneath use: one that is there already, or one of the provider's own. */
export type RealtimeProviderProps<Channels extends object = {}> = {
  /** What is rendered. */
  children?: ReactNode;
} & (
  | {
      /** A client of the app's. The provider never ends it. */
      client: RealtimeClient<Channels>;
      options?: undefined;
    }
  | {
      client?: undefined;
      /**
       * What to make a client with. It is destroyed when the provider is unmounted. What these options say
       * anew takes effect; of functions the newest is called.
       */
      options: ClientOptions;
    }
);

/** Gives the hooks beneath a client. Without a provider they use the default `realtimeClient`. */
export function RealtimeProvider<Channels extends object = {}>({
  client,
  options,
  children,
}: RealtimeProviderProps<Channels>): ReactNode {
  return client
    ? // What the client's map knows is a matter of types alone.
      createElement(ClientContext.Provider, { value: client as RealtimeClient }, children)
    : createElement(OwnClient, { options }, children);
}

function OwnClient(props: { options: ClientOptions; children?: ReactNode }): ReactNode {
  const options = useOptions(props.options);
  // Making one has no effect, so a render that is given up leaves nothing behind.
  const [client] = useState(() => createRealtimeClient(options));
  const applied = useRef(options);
  const life = useRef<'mounted' | 'unmounted'>('mounted');
  // Neither StrictMode nor a hidden <Activity> ends this kind of effect; only the end of the provider does.
  useInsertionEffect(() => {
    life.current = 'mounted';
    return () => {
      life.current = 'unmounted';
      // Hot reload may mount it again at once.
      queueMicrotask(() => {
        if (life.current === 'unmounted') client.destroy();
      });
    };
  }, [client]);
  useEffect(() => {
    if (applied.current === options) return;
    // What is said no more has its default again.
    const gone = Object.keys(applied.current).map((name) => [name, undefined]);
    applied.current = options;
    if (isAlive(client)) client.configure({ ...Object.fromEntries(gone), ...options });
  }, [client, options]);
  return createElement(ClientContext.Provider, { value: client }, props.children);
}

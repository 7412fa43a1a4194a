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

/** The client for the hooks below: a given one, or options for one that the provider makes. */
export type RealtimeProviderProps<Channels extends object = {}> = {
  /** The children. */
  children?: ReactNode;
} & (
  | {
      /** A client of the app. The provider does not destroy it. */
      client: RealtimeClient<Channels>;
      options?: undefined;
    }
  | {
      client?: undefined;
      /**
       * Options to make a client with. It is destroyed when the provider is unmounted. Changed options
       * take effect; functions may differ in every render, and the latest ones are called.
       */
      options: ClientOptions;
    }
);

/** Provides the client for the hooks below. Without a provider they use the default `realtimeClient`. */
export function RealtimeProvider<Channels extends object = {}>({
  client,
  options,
  children,
}: RealtimeProviderProps<Channels>): ReactNode {
  return client
    ? // The client's map of channels only concerns its type.
      createElement(ClientContext.Provider, { value: client as RealtimeClient }, children)
    : createElement(OwnClient, { options }, children);
}

function OwnClient(props: { options: ClientOptions; children?: ReactNode }): ReactNode {
  const options = useOptions(props.options);
  // Making a client has no side effect, so an abandoned render needs no cleanup.
  const [client] = useState(() => createRealtimeClient(options));
  const applied = useRef(options);
  const life = useRef<'mounted' | 'unmounted'>('mounted');
  // Neither StrictMode nor a hidden <Activity> cleans up an insertion effect; only unmounting does.
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
    // An option that is missing now has its default again.
    const removed = Object.keys(applied.current).map((name) => [name, undefined]);
    applied.current = options;
    if (isAlive(client)) client.configure({ ...Object.fromEntries(removed), ...options });
  }, [client, options]);
  return createElement(ClientContext.Provider, { value: client }, props.children);
}

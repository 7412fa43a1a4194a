import { type ComponentPropsWithoutRef, forwardRef } from 'react';
import { useConnection, useOnlineStatus } from '../react/index.js';
import { classNames } from './class-names.js';
import { useLabels } from './use-labels.js';

/** The texts of {@link OnlineStatus}. */
export interface OnlineStatusTexts {
  /** The client is ready. */
  live: string;
  /** A connection is being opened. */
  connecting: string;
  /** Nothing needs a connection now, or the page is hidden. */
  standby: string;
  /** There is no connection. */
  offline: string;
}

const ENGLISH: OnlineStatusTexts = {
  live: 'Live',
  connecting: 'Connecting',
  standby: 'Standby',
  offline: 'Offline',
};

/** The props of {@link OnlineStatus}, besides those of an `<output>`. */
export interface OnlineStatusOwnProps {
  /** Texts instead of the English ones. */
  texts?: Partial<OnlineStatusTexts>;
}

/** The props of {@link OnlineStatus}. */
export type OnlineStatusProps = OnlineStatusOwnProps &
  Omit<ComponentPropsWithoutRef<'output'>, keyof OnlineStatusOwnProps | 'children'>;

/**
 * Whether the page is live: the browser has a network, and the client is ready. It does not open a connection.
 * The class is `online` if it is live, else `offline`.
 */
export const OnlineStatus = /* @__PURE__ */ forwardRef<HTMLOutputElement, OnlineStatusProps>(
  function OnlineStatus({ texts, className, ...rest }, ref) {
    const isOnline = useOnlineStatus();
    const { state, isConnected, isConnecting } = useConnection();
    const labels = useLabels(ENGLISH, texts);
    const status = !isOnline
      ? 'offline'
      : isConnected
        ? 'live'
        : isConnecting
          ? 'connecting'
          : state === 'idle' || state === 'paused'
            ? 'standby'
            : 'offline';
    return (
      <output
        {...rest}
        ref={ref}
        className={classNames(
          'tw-online-status status-indicator',
          status === 'live' ? 'online' : 'offline',
          className,
        )}
        data-state={status}
      >
        <span className="tw-dot" aria-hidden="true" />
        {labels[status]}
      </output>
    );
  },
);

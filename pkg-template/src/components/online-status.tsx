import { type ComponentPropsWithoutRef, forwardRef } from 'react';
import { useConnection, useOnlineStatus } from '../react/index.js';
import { classNames } from './class-names.js';
import { useTexts } from './use-labels.js';

/** What {@link OnlineStatus} says. */
export interface OnlineStatusTexts {
  /** Messages flow. */
  live: string;
  /** A connection is being made. */
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
 * Whether the page is live: the browser has a network, and messages flow. It opens no connection itself.
 * The class `online` stands for live, `offline` for all else.
 */
export const OnlineStatus = /* @__PURE__ */ forwardRef<HTMLOutputElement, OnlineStatusProps>(
  function OnlineStatus({ texts, className, ...rest }, ref) {
    const isOnline = useOnlineStatus();
    const { state, isConnected, isConnecting } = useConnection();
    const say = useTexts(ENGLISH, texts);
    const standing = !isOnline
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
          standing === 'live' ? 'online' : 'offline',
          className,
        )}
        data-state={standing}
      >
        <span className="tw-dot" aria-hidden="true" />
        {say[standing]}
      </output>
    );
  },
);

import { type ComponentPropsWithoutRef, forwardRef, useId, useState } from 'react';
import type { Quality, RealtimeError, State } from '../index.js';
import { useConnection } from '../react/index.js';
import { Announcement } from './announcement.js';
import { classNames } from './class-names.js';
import { useLabels } from './use-labels.js';

/** The texts of {@link ConnectionIndicator}. */
export interface ConnectionIndicatorTexts {
  /** The button's label. */
  label: string;
  /** The names of the states. */
  states: Readonly<Record<State, string>>;
  /** The quality of a connection, in the tooltip. */
  quality: (quality: Quality) => string;
  /** The error and its hint, in the tooltip. */
  error: (error: RealtimeError) => string;
  /** The effect of a click in the state `failed`. */
  retry: string;
}

const ENGLISH: ConnectionIndicatorTexts = {
  label: 'Connection',
  states: {
    idle: 'Not connected',
    connecting: 'Connecting',
    authenticating: 'Signing in',
    ready: 'Connected',
    reconnecting: 'Reconnecting',
    paused: 'Paused',
    offline: 'No network',
    failed: 'Connection failed',
    closed: 'Closed',
  },
  quality: (quality) => `Quality: ${quality}.`,
  error: ({ message, hint }) => `${message} ${hint}`,
  retry: 'Press to try again.',
};

/** The props of {@link ConnectionIndicator}, besides those of a `<span>`. */
export interface ConnectionIndicatorOwnProps {
  /** Texts instead of the English ones. */
  texts?: Partial<ConnectionIndicatorTexts>;
}

/** The props of {@link ConnectionIndicator}. */
export type ConnectionIndicatorProps = ConnectionIndicatorOwnProps &
  Omit<ComponentPropsWithoutRef<'span'>, keyof ConnectionIndicatorOwnProps | 'children'>;

/** Returns the level, shown by the colour and the shape of the dot. */
function levelOf(state: State, quality: Quality, error: RealtimeError | null) {
  if (state === 'failed' || state === 'closed' || state === 'offline') return 'bad';
  if (state === 'ready') return quality === 'poor' ? 'fair' : 'good';
  return error ? 'bad' : 'fair';
}

/**
 * The state of the connection; details, with the last error and its hint, are in a tooltip for
 * pointer, keyboard and touch. In the state `failed` a click reconnects.
 */
export const ConnectionIndicator = /* @__PURE__ */ forwardRef<
  HTMLSpanElement,
  ConnectionIndicatorProps
>(function ConnectionIndicator({ texts, className, ...rest }, ref) {
  const { state, quality, error, connect } = useConnection();
  const labels = useLabels(ENGLISH, texts);
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const stateLabel = labels.states[state];
  const details = [
    state === 'ready' && labels.quality(quality),
    error && labels.error(error),
    state === 'failed' && labels.retry,
  ].filter(Boolean);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the tooltip may be pointed at, and belongs to the button
    <span
      {...rest}
      ref={ref}
      className={classNames('tw-connection-indicator', className)}
      data-state={state}
      data-level={levelOf(state, quality, error)}
      onMouseEnter={() => setOpen(true)}
      onMouseLeave={() => setOpen(false)}
    >
      <button
        type="button"
        className="tw-connection-button"
        aria-describedby={details.length ? id : undefined}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={({ key }) => key === 'Escape' && setOpen(false)}
        onClick={() => {
          setOpen(true);
          // The outcome is shown by the state.
          if (state === 'failed') connect().catch(() => {});
        }}
      >
        <span className="tw-dot" aria-hidden="true" />
        <span>
          <span className="tw-connection-label">{labels.label}: </span>
          {stateLabel}
        </span>
      </button>
      {details.length > 0 && (
        <span id={id} role="tooltip" className="tw-tooltip" hidden={!isOpen}>
          {details.join(' ')}
        </span>
      )}
      <Announcement text={stateLabel} />
    </span>
  );
});

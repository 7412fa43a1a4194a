import { type ComponentPropsWithoutRef, forwardRef } from 'react';
import { useNow } from '../react/index.js';
import { classNames } from './class-names.js';
import { fields } from './fields.js';
import { type Format, useFormat } from './format.js';

/** The times of a call, as ISO texts. A row of the channel `calls:…` has them. */
export interface CallTimes {
  started_at?: string | null | undefined;
  /** The start of the duration, if set. */
  answered_at?: string | null | undefined;
  ended_at?: string | null | undefined;
  /** The duration of an ended call. */
  duration_seconds?: number | null | undefined;
}

/** The props of {@link CallDuration}, besides those of a `<time>`. */
export interface CallDurationOwnProps {
  /** The call. */
  call: CallTimes;
  /** Shown while the duration is unknown. Default `–`. */
  unknown?: string;
  /** Overrides of the formats of values. */
  format?: Partial<Format>;
}

/** The props of {@link CallDuration}. */
export type CallDurationProps = CallDurationOwnProps &
  Omit<ComponentPropsWithoutRef<'time'>, keyof CallDurationOwnProps | 'children'>;

const timeOf = (text: string | null | undefined): number | undefined => {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
};

/** Returns a call's duration so far in whole seconds; `undefined` if it is unknown. */
export function secondsOf(call: CallTimes, now: number | null): number | undefined {
  const ended = timeOf(call.ended_at);
  const { duration_seconds: reported } = call;
  if (typeof reported === 'number' && (ended !== undefined || reported > 0))
    return Math.floor(reported);
  const began = timeOf(call.answered_at) ?? timeOf(call.started_at);
  const until = ended ?? now;
  if (began === undefined || until === null) return undefined;
  // The clocks of the server and the browser may differ.
  return Math.max(0, Math.floor((until - began) / 1_000));
}

/** The duration of a call, updated every second until it has ended. All on a page share one clock. */
export const CallDuration = /* @__PURE__ */ forwardRef<HTMLTimeElement, CallDurationProps>(
  function CallDuration({ call: row, unknown = '–', format, className, ...rest }, ref) {
    const call = fields(row);
    const isRunning = !timeOf(call.ended_at) && !call.duration_seconds;
    const seconds = secondsOf(call, useNow(isRunning));
    const formatter = useFormat(format);
    return (
      <time
        {...rest}
        ref={ref}
        className={classNames('tw-call-duration', className)}
        data-state={isRunning ? 'running' : 'ended'}
        dateTime={seconds === undefined ? undefined : `PT${seconds}S`}
      >
        {seconds === undefined ? unknown : formatter.duration(seconds)}
      </time>
    );
  },
);

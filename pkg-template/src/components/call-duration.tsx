import { type ComponentPropsWithoutRef, forwardRef } from 'react';
import { useNow } from '../react/index.js';
import { classNames } from './class-names.js';
import { fields } from './fields.js';
import { type Format, useFormat } from './format.js';

/** When a call began and ended; times are ISO texts. A row of the channel `calls:…` is one. */
export interface CallTimes {
  started_at?: string | null | undefined;
  /** From here on it is counted, if there is one. */
  answered_at?: string | null | undefined;
  ended_at?: string | null | undefined;
  /** How long it took, once it has ended. */
  duration_seconds?: number | null | undefined;
}

/** The props of {@link CallDuration}, besides those of a `<time>`. */
export interface CallDurationOwnProps {
  /** The call. */
  call: CallTimes;
  /** Shown while nothing is known of it. Default `–`. */
  unknown?: string;
  /** How values are said. */
  format?: Partial<Format>;
}

/** The props of {@link CallDuration}. */
export type CallDurationProps = CallDurationOwnProps &
  Omit<ComponentPropsWithoutRef<'time'>, keyof CallDurationOwnProps | 'children'>;

const timeOf = (text: string | null | undefined): number | undefined => {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
};

/** How many whole seconds a call took so far; `undefined` if that is not known. */
export function secondsOf(call: CallTimes, now: number | null): number | undefined {
  const ended = timeOf(call.ended_at);
  const { duration_seconds: told } = call;
  if (typeof told === 'number' && (ended !== undefined || told > 0)) return Math.floor(told);
  const began = timeOf(call.answered_at) ?? timeOf(call.started_at);
  const until = ended ?? now;
  if (began === undefined || until === null) return undefined;
  // The clocks of a server and a browser are never quite the same.
  return Math.max(0, Math.floor((until - began) / 1_000));
}

/** How long a call takes, second by second, until it has ended. All of a page share one clock. */
export const CallDuration = /* @__PURE__ */ forwardRef<HTMLTimeElement, CallDurationProps>(
  function CallDuration({ call: row, unknown = '–', format, className, ...rest }, ref) {
    const call = fields(row);
    const isRunning = !timeOf(call.ended_at) && !call.duration_seconds;
    const seconds = secondsOf(call, useNow(isRunning));
    const say = useFormat(format);
    return (
      <time
        {...rest}
        ref={ref}
        className={classNames('tw-call-duration', className)}
        data-state={isRunning ? 'running' : 'ended'}
        dateTime={seconds === undefined ? undefined : `PT${seconds}S`}
      >
        {seconds === undefined ? unknown : say.duration(seconds)}
      </time>
    );
  },
);

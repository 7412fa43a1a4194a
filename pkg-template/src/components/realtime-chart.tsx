import {
  type ComponentPropsWithoutRef,
  type ForwardedRef,
  forwardRef,
  type ReactNode,
  type RefAttributes,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { RealtimeError } from '../index.js';
import { useMessages, useNow } from '../react/index.js';
import { DASHES, usePlot } from './chart-plot.js';
import { classNames } from './class-names.js';
import { useClientStyle } from './client-style.js';
import { type Format, useFormat } from './format.js';
import { Standing } from './list-status.js';
import { type RowSource, splitSource, useRows } from './rows.js';
import { type ChartPoint, type ChartValue, type TimeSeries, timeSeries } from './time-series.js';
import { useTexts } from './use-labels.js';

/** What {@link RealtimeChart} says. */
export interface RealtimeChartTexts {
  /** What the chart shows. */
  label: string;
  loading: string;
  empty: string;
  /** Loading failed, or the channel did. */
  failed: (error: RealtimeError) => string;
  /** A series' name for people; where there is but one value, the name is empty. */
  series: (name: string) => string;
  /** What is notable of a series. */
  summary: (latest: string, lowest: string, highest: string) => string;
  /** Opens the values as a table. */
  table: string;
  /** The head of the table's column of times. */
  time: string;
  /** The head of the table's only column of values. */
  value: string;
}

const ENGLISH: RealtimeChartTexts = {
  label: 'Live chart',
  loading: 'Loading',
  empty: 'No values yet',
  failed: ({ message }) => message,
  series: (name) => name,
  summary: (latest, lowest, highest) => `latest ${latest}, lowest ${lowest}, highest ${highest}`,
  table: 'Show the newest values as a table',
  time: 'Time',
  value: 'Value',
};

/** The props of {@link RealtimeChart}, besides those of a `<figure>`. */
export interface RealtimeChartOwnProps<T extends object> extends RowSource<T> {
  /** What is read of a message or row: a number, or several by name. */
  value: (item: T) => ChartValue;
  /** When it was so, in milliseconds since 1970. Default: when it came; of rows, `updated_at`. */
  time?: (item: T) => number;
  /** What the channel is read as: messages one after the other, or rows of a collection. Default `messages`. */
  of?: 'messages' | 'rows';
  /** Of messages: only those of this event. */
  event?: string;
  /** Of messages: how many are kept. Default 600. */
  limit?: number;
  /** How far back it goes, in milliseconds. Default 60 000. */
  windowMs?: number;
  /** Which values are shown, in this order, if {@link value} gives several. Default: all. */
  series?: readonly string[];
  /** How high it is, in pixels. Default 200. */
  height?: number;
  /** Texts instead of the English ones. */
  texts?: Partial<RealtimeChartTexts>;
  /** How values are said. */
  format?: Partial<Format>;
}

/** The props of {@link RealtimeChart}. */
export type RealtimeChartProps<T extends object> = RealtimeChartOwnProps<T> &
  Omit<ComponentPropsWithoutRef<'figure'>, keyof RealtimeChartOwnProps<T> | 'children'>;

/** How many values the table has. */
const TABLE_ROWS = 20;

const updatedOf = (item: object): number =>
  Date.parse((item as { updated_at?: string }).updated_at ?? '');

interface PartProps {
  data: TimeSeries;
  say: RealtimeChartTexts;
  format: Format;
}

/** The newest values, for those who do not see the chart. */
function ChartTable({ data: { times, series }, say, format }: PartProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const sayOrNothing = (value: number | null | undefined): string =>
    typeof value === 'number' ? format.number(value) : '';
  const newest = isOpen
    ? times
        .map((_, at) => at)
        .slice(-TABLE_ROWS)
        .reverse()
    : [];
  return (
    <details
      className="tw-chart-details"
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{say.table}</summary>
      <table className="tw-chart-table">
        <caption>{say.label}</caption>
        <thead>
          <tr>
            <th scope="col">{say.time}</th>
            {series.map(({ name }) => (
              <th scope="col" key={name}>
                {say.series(name) || say.value}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {newest.map((at) => (
            <tr key={at}>
              <th scope="row">{format.time(times[at] ?? 0)}</th>
              {series.map(({ name, values }) => (
                <td key={name}>{sayOrNothing(values[at])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function RealtimeChartOfAny<T extends object>(
  props: RealtimeChartProps<T>,
  ref: ForwardedRef<HTMLElement>,
): ReactNode {
  const [source, others] = splitSource<T, RealtimeChartProps<T>>(props);
  const { value, time, of, event, limit = 600, series: names, ...more } = others;
  const { windowMs = 60_000, height = 200, texts, format, className, ...rest } = more;
  const areMessages = of !== 'rows' && !source.items && !source.collection;
  const heard = useMessages<T>(areMessages ? source.channel : null, {
    limit,
    ...(event !== undefined && { event }),
  });
  const rows = useRows<T>(areMessages ? { ...source, channel: null } : source);
  const { error, isLoading } = areMessages ? { error: heard.error, isLoading: false } : rows;
  const say = useTexts(ENGLISH, texts);
  const saying = useFormat(format);
  const now = useNow() ?? 0;

  const { messages } = heard;
  const { items } = rows;
  const points = useMemo(
    (): ChartPoint[] =>
      areMessages
        ? messages.map(({ message, meta }) => ({
            time: time?.(message) ?? meta.receivedAt,
            value: value(message),
          }))
        : items.map((item) => ({ time: (time ?? updatedOf)(item), value: value(item) })),
    [areMessages, messages, items, time, value],
  );
  // What has come since the clock ticked is seen at once.
  const to = points.reduce((latest, point) => Math.max(latest, point.time), now);
  const data = useMemo(
    () => timeSeries(points, to - windowMs, names),
    [points, to, windowMs, names],
  );
  const host = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  usePlot(
    { host, legend },
    {
      times: data.times,
      values: data.series.map(({ values }) => values),
      from: to - windowMs,
      to,
      height,
      sayTime: saying.time,
      sayNumber: saying.number,
    },
  );
  const plotStyle = useClientStyle({ height });
  const isEmpty = !data.times.length;
  return (
    <figure
      {...rest}
      ref={ref}
      className={classNames('tw-realtime-chart', className)}
      aria-label={rest['aria-label'] ?? say.label}
    >
      <Standing
        error={error && say.failed(error)}
        isLoading={isLoading}
        loading={say.loading}
        empty={isEmpty ? say.empty : undefined}
      />
      <div className="tw-chart-plot" ref={host} style={plotStyle} aria-hidden="true" />
      <figcaption>
        <ul className="tw-chart-legend" ref={legend}>
          {data.series.map(({ name, latest, lowest, highest }, at) => (
            <li key={name}>
              <svg
                className={`tw-series tw-series-${at + 1}`}
                width="28"
                height="4"
                aria-hidden="true"
              >
                <line
                  x2="28"
                  y1="2"
                  y2="2"
                  stroke="currentColor"
                  strokeWidth="2"
                  strokeDasharray={DASHES[at % DASHES.length]?.join(' ')}
                />
              </svg>{' '}
              {say.series(name)}{' '}
              {latest !== undefined && (
                <span className="tw-chart-summary">
                  {say.summary(
                    ...([latest, lowest ?? latest, highest ?? latest].map(saying.number) as [
                      string,
                      string,
                      string,
                    ]),
                  )}
                </span>
              )}
            </li>
          ))}
        </ul>
      </figcaption>
      {!isEmpty && <ChartTable data={data} say={say} format={saying} />}
    </figure>
  );
}

/**
 * Values of the last minute, or another time, as lines; with what is notable of them in words, and as a table
 * for those who do not see them. The library that draws is loaded with the first chart.
 */
export const RealtimeChart = /* @__PURE__ */ forwardRef(RealtimeChartOfAny as never) as <
  T extends object = Record<string, unknown>,
>(
  props: RealtimeChartProps<T> & RefAttributes<HTMLElement>,
) => ReactNode;

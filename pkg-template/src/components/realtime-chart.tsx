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
import { ListStatus } from './list-status.js';
import { type RowSource, splitSource, useRows } from './rows.js';
import { type ChartPoint, type ChartValue, type TimeSeries, timeSeries } from './time-series.js';
import { useLabels } from './use-labels.js';

/** The texts of {@link RealtimeChart}. */
export interface RealtimeChartTexts {
  /** The chart's accessible name. */
  label: string;
  loading: string;
  empty: string;
  /** Loading failed, or the channel did. */
  failed: (error: RealtimeError) => string;
  /** The display name of a series; with a single value the name is empty. */
  series: (name: string) => string;
  /** The summary of a series. */
  summary: (latest: string, lowest: string, highest: string) => string;
  /** The label of the button that opens the table of values. */
  table: string;
  /** The heading of the table's column of times. */
  time: string;
  /** The heading of the table's only column of values. */
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
  /** Returns the value of a message or row: a number, or several by name. */
  value: (item: T) => ChartValue;
  /** Returns the time, in milliseconds since 1970. Default: when it was received; of rows, `updated_at`. */
  time?: (item: T) => number;
  /** How the channel is read: as single messages, or as rows of a collection. Default `messages`. */
  of?: 'messages' | 'rows';
  /** Of messages: only those of this event. */
  event?: string;
  /** Of messages: the number that is kept. Default 600. */
  limit?: number;
  /** The time span of the chart, in milliseconds. Default 60 000. */
  windowMs?: number;
  /** The values to show, in this order, if {@link value} returns several. Default: all. */
  series?: readonly string[];
  /** The height in pixels. Default 200. */
  height?: number;
  /** Texts instead of the English ones. */
  texts?: Partial<RealtimeChartTexts>;
  /** Overrides of the formats of values. */
  format?: Partial<Format>;
}

/** The props of {@link RealtimeChart}. */
export type RealtimeChartProps<T extends object> = RealtimeChartOwnProps<T> &
  Omit<ComponentPropsWithoutRef<'figure'>, keyof RealtimeChartOwnProps<T> | 'children'>;

/** The number of rows of the table. */
const TABLE_ROWS = 20;

const updatedOf = (item: object): number =>
  Date.parse((item as { updated_at?: string }).updated_at ?? '');

interface PartProps {
  data: TimeSeries;
  labels: RealtimeChartTexts;
  format: Format;
}

/** The newest values as a table, for users who cannot see the chart. */
function ChartTable({ data: { times, series }, labels, format }: PartProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const formatOrEmpty = (value: number | null | undefined): string =>
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
      <summary>{labels.table}</summary>
      <table className="tw-chart-table">
        <caption>{labels.label}</caption>
        <thead>
          <tr>
            <th scope="col">{labels.time}</th>
            {series.map(({ name }) => (
              <th scope="col" key={name}>
                {labels.series(name) || labels.value}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {newest.map((at) => (
            <tr key={at}>
              <th scope="row">{format.time(times[at] ?? 0)}</th>
              {series.map(({ name, values }) => (
                <td key={name}>{formatOrEmpty(values[at])}</td>
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
  const received = useMessages<T>(areMessages ? source.channel : null, {
    limit,
    ...(event !== undefined && { event }),
  });
  const rows = useRows<T>(areMessages ? { ...source, channel: null } : source);
  const { error, isLoading } = areMessages ? { error: received.error, isLoading: false } : rows;
  const labels = useLabels(ENGLISH, texts);
  const formatter = useFormat(format);
  const now = useNow() ?? 0;

  const { messages } = received;
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
  // Values received since the last tick are shown at once.
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
      formatTime: formatter.time,
      formatNumber: formatter.number,
    },
  );
  const plotStyle = useClientStyle({ height });
  const isEmpty = !data.times.length;
  return (
    <figure
      {...rest}
      ref={ref}
      className={classNames('tw-realtime-chart', className)}
      aria-label={rest['aria-label'] ?? labels.label}
    >
      <ListStatus
        error={error && labels.failed(error)}
        isLoading={isLoading}
        loading={labels.loading}
        empty={isEmpty ? labels.empty : undefined}
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
              {labels.series(name)}{' '}
              {latest !== undefined && (
                <span className="tw-chart-summary">
                  {labels.summary(
                    ...([latest, lowest ?? latest, highest ?? latest].map(formatter.number) as [
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
      {!isEmpty && <ChartTable data={data} labels={labels} format={formatter} />}
    </figure>
  );
}

/**
 * A line chart of the values of the last minute, or another time span, with a summary as text and a table
 * for users who cannot see the lines. The chart library is loaded with the first chart.
 */
export const RealtimeChart = /* @__PURE__ */ forwardRef(RealtimeChartOfAny as never) as <
  T extends object = Record<string, unknown>,
>(
  props: RealtimeChartProps<T> & RefAttributes<HTMLElement>,
) => ReactNode;

import {
  type ComponentPropsWithoutRef,
  type ForwardedRef,
  forwardRef,
  type ReactNode,
  type RefAttributes,
  useMemo,
} from 'react';
import type { RealtimeError } from '../index.js';
import { oldestFirst } from '../oldest-first.js';
import { type Heard, useMessages } from '../react/index.js';
import { classNames } from './class-names.js';
import { type Format, useFormat } from './format.js';
import { Standing } from './list-status.js';
import { ArrivalAnnouncement } from './new-item-announcement.js';
import { RowList, type RowListOptions } from './row-list.js';
import { type RowSource, splitSource, useRows } from './rows.js';
import { useTexts } from './use-labels.js';

/** What {@link LiveFeed} says. */
export interface LiveFeedTexts {
  /** The feed's name. */
  label: string;
  loading: string;
  empty: string;
  /** Loading failed, or the channel did. */
  failed: (error: RealtimeError) => string;
  /** Told to screen readers, once in a while. */
  arrived: (count: number) => string;
}

const ENGLISH: LiveFeedTexts = {
  label: 'Live feed',
  loading: 'Loading',
  empty: 'Nothing yet',
  failed: ({ message }) => message,
  arrived: (count) => (count === 1 ? '1 new entry' : `${count} new entries`),
};

/** The props of {@link LiveFeed}, besides those of a `<section>`. */
export interface LiveFeedOwnProps<T extends object> extends RowSource<T>, RowListOptions {
  /** What the channel is read as: rows of a collection, or messages one after the other. Default `rows`. */
  of?: 'rows' | 'messages';
  /** Of messages: only those of this event. */
  event?: string;
  /** Of messages: how many are kept. Default 1 000. */
  limit?: number;
  /** What tells rows apart. Default: their `id`. Messages are told apart by themselves. */
  keyOf?: (item: T) => string | number;
  /**
   * Whether the newest comes first. Default: for messages, and for rows of a channel that `options.sort`
   * does not put in order, which then go by `created_at`, or without it by key; others are shown in the
   * order they are given in.
   */
  newestFirst?: boolean;
  /** Makes an entry. Default: its `title`, `message`, `text`, `body` or `content`, and its time. */
  renderItem?: (item: T) => ReactNode;
  /** Texts instead of the English ones. */
  texts?: Partial<LiveFeedTexts>;
  /** How values are said. */
  format?: Partial<Format>;
}

/** The props of {@link LiveFeed}. */
export type LiveFeedProps<T extends object> = LiveFeedOwnProps<T> &
  Omit<ComponentPropsWithoutRef<'section'>, keyof LiveFeedOwnProps<T> | 'children'>;

const idOf = (item: object): string | number => (item as { id: string | number }).id;

/** The fields in which people put what matters most. */
const HEADLINES = ['title', 'message', 'text', 'body', 'content', 'name'];

function Entry({ item, format }: { item: object; format: Format }): ReactNode {
  const fields = item as Record<string, unknown>;
  const headline = HEADLINES.map((name) => fields[name]).find((text) => typeof text === 'string');
  const { created_at: created } = fields;
  return (
    <>
      <span className="tw-feed-text">{(headline as string) ?? JSON.stringify(item)}</span>
      {typeof created === 'string' && (
        <time className="tw-feed-time" dateTime={created}>
          {format.time(created)}
        </time>
      )}
    </>
  );
}

const DEFAULTS = { sort: oldestFirst };

/** A message of any type, as something with a key. */
const messageOf = <T,>(heard: object): T => (heard as Heard<T>).message;
const keyOfHeard = (heard: object): number => (heard as Heard<unknown>).key;

function LiveFeedOfAny<T extends object>(
  props: LiveFeedProps<T>,
  ref: ForwardedRef<HTMLElement>,
): ReactNode {
  const [source, others] = splitSource<T, LiveFeedProps<T>>(props);
  const { of = 'rows', event, limit = 1_000, keyOf, newestFirst, renderItem, ...more } = others;
  const { rowHeight, maxHeight, texts, format, className, ...rest } = more;
  const areMessages = of === 'messages';
  const say = useTexts(ENGLISH, texts);
  const saying = useFormat(format);
  const rows = useRows<T>(areMessages ? { ...source, channel: null } : source, DEFAULTS);
  const heard = useMessages<T>(areMessages ? source.channel : null, {
    limit,
    ...(event !== undefined && { event }),
  });
  const { error, isLoading } = areMessages ? { error: heard.error, isLoading: false } : rows;
  const given: readonly object[] = areMessages ? heard.messages : rows.items;
  const isReversed =
    newestFirst ?? (areMessages || !(source.items || source.collection || source.options?.sort));
  const items = useMemo(() => (isReversed ? [...given].reverse() : given), [given, isReversed]);
  const key = areMessages ? keyOfHeard : ((keyOf ?? idOf) as (item: object) => string | number);
  const render = useMemo(() => {
    const show = renderItem ?? ((item: T) => <Entry item={item} format={saying} />);
    return (item: object) => show(areMessages ? messageOf<T>(item) : (item as T));
  }, [renderItem, saying, areMessages]);
  return (
    <section
      {...rest}
      ref={ref}
      className={classNames('tw-live-feed', className)}
      aria-label={rest['aria-label'] ?? say.label}
    >
      <Standing
        error={error && say.failed(error)}
        isLoading={isLoading}
        loading={say.loading}
        empty={items.length ? undefined : say.empty}
      />
      {items.length > 0 && (
        <RowList
          items={items}
          keyOf={key}
          render={render}
          role="feed"
          label={say.label}
          isBusy={isLoading}
          className="tw-feed"
          {...{ rowHeight, maxHeight }}
        />
      )}
      <ArrivalAnnouncement items={items} keyOf={key} isLoading={isLoading} words={say.arrived} />
    </section>
  );
}

/**
 * What happens on a channel, entry by entry: rows or messages. Of a long feed only what is seen is on the
 * page. Page up and down, Home and End lead from entry to entry.
 */
export const LiveFeed = /* @__PURE__ */ forwardRef(LiveFeedOfAny as never) as <
  T extends object = Record<string, unknown>,
>(
  props: LiveFeedProps<T> & RefAttributes<HTMLElement>,
) => ReactNode;

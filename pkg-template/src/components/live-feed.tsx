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
import { type ReceivedMessage, useMessages } from '../react/index.js';
import { type Format, useFormat } from './format.js';
import { ListPanel } from './list-panel.js';
import { NewItemAnnouncement } from './new-item-announcement.js';
import type { RowListOptions } from './row-list.js';
import { type RowSource, splitSource, useRows } from './rows.js';
import { useLabels } from './use-labels.js';

/** The texts of {@link LiveFeed}. */
export interface LiveFeedTexts {
  /** The feed's accessible name. */
  label: string;
  loading: string;
  empty: string;
  /** Loading failed, or the channel did. */
  failed: (error: RealtimeError) => string;
  /** Announced to screen readers, at intervals. */
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
  /** How the channel is read: as rows of a collection, or as single messages. Default `rows`. */
  of?: 'rows' | 'messages';
  /** Of messages: only those of this event. */
  event?: string;
  /** Of messages: the number that is kept. Default 1 000. */
  limit?: number;
  /** Returns a row's key. Default: its `id`. Messages need no key. */
  keyOf?: (item: T) => string | number;
  /**
   * Whether the newest is first. Default: `true` for messages, and for rows of a channel without `options.sort`,
   * which are sorted by `created_at`, or without it by key; others are shown in the order in which they are given.
   */
  newestFirst?: boolean;
  /** Renders an entry. Default: its `title`, `message`, `text`, `body` or `content`, and its time. */
  renderItem?: (item: T) => ReactNode;
  /** Texts instead of the English ones. */
  texts?: Partial<LiveFeedTexts>;
  /** Overrides of the formats of values. */
  format?: Partial<Format>;
}

/** The props of {@link LiveFeed}. */
export type LiveFeedProps<T extends object> = LiveFeedOwnProps<T> &
  Omit<ComponentPropsWithoutRef<'section'>, keyof LiveFeedOwnProps<T> | 'children'>;

const idOf = (item: object): string | number => (item as { id: string | number }).id;

/** The usual fields of a row's main text. */
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

/** Returns the message of an item of `useMessages`. */
const messageOf = <T,>(received: object): T => (received as ReceivedMessage<T>).message;
const keyOfMessage = (received: object): number => (received as ReceivedMessage<unknown>).key;

function LiveFeedOfAny<T extends object>(
  props: LiveFeedProps<T>,
  ref: ForwardedRef<HTMLElement>,
): ReactNode {
  const [source, others] = splitSource<T, LiveFeedProps<T>>(props);
  const { of = 'rows', event, limit = 1_000, keyOf, newestFirst, renderItem, ...more } = others;
  const { rowHeight, maxHeight, texts, format, ...section } = more;
  const areMessages = of === 'messages';
  const labels = useLabels(ENGLISH, texts);
  const formatter = useFormat(format);
  const rows = useRows<T>(areMessages ? { ...source, channel: null } : source, DEFAULTS);
  const received = useMessages<T>(areMessages ? source.channel : null, {
    limit,
    ...(event !== undefined && { event }),
  });
  const { error, isLoading } = areMessages ? { error: received.error, isLoading: false } : rows;
  const given: readonly object[] = areMessages ? received.messages : rows.items;
  const isReversed =
    newestFirst ?? (areMessages || !(source.items || source.collection || source.options?.sort));
  const items = useMemo(() => (isReversed ? [...given].reverse() : given), [given, isReversed]);
  const key = areMessages ? keyOfMessage : ((keyOf ?? idOf) as (item: object) => string | number);
  const render = useMemo(() => {
    const show = renderItem ?? ((item: T) => <Entry item={item} format={formatter} />);
    return (item: object) => show(areMessages ? messageOf<T>(item) : (item as T));
  }, [renderItem, formatter, areMessages]);
  return (
    <ListPanel
      section={section}
      sectionRef={ref}
      classes={['tw-live-feed', 'tw-feed']}
      labels={labels}
      rows={{ items, isLoading, error }}
      keyOf={key}
      render={render}
      role="feed"
      {...{ rowHeight, maxHeight }}
    >
      <NewItemAnnouncement items={items} keyOf={key} isLoading={isLoading} text={labels.arrived} />
    </ListPanel>
  );
}

/**
 * A feed of a channel's rows or messages. A long feed is virtualized. Page up and down, Home and End
 * move the focus between entries.
 */
export const LiveFeed = /* @__PURE__ */ forwardRef(LiveFeedOfAny as never) as <
  T extends object = Record<string, unknown>,
>(
  props: LiveFeedProps<T> & RefAttributes<HTMLElement>,
) => ReactNode;

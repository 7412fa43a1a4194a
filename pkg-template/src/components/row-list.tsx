/** A list of rows, of which only those that are seen are on the page if there are many. */
import {
  type CSSProperties,
  type FocusEvent,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { classNames } from './class-names.js';
import { useClientStyle } from './client-style.js';
import { Following, useVirtual } from './use-virtual.js';

/** Rows on the page at once without a virtualiser; with one, there are fewer. */
const SHORT = 60;

/** How a list can be made fit its rows. */
export interface RowListOptions {
  /** About how high a row is, in pixels; its real height is measured. Default 48. */
  rowHeight?: number;
  /** The greatest height of a list with many rows, in CSS. Default `24rem`. */
  maxHeight?: string | number;
}

interface RowListProps<T extends object> {
  rowHeight: number | undefined;
  maxHeight: string | number | undefined;
  items: readonly T[];
  keyOf: (item: T) => string | number;
  /** The same function as long as it makes the same of a row. */
  render: (item: T) => ReactNode;
  /** A feed's rows can have the focus, and the keyboard leads from one to the next. */
  role: 'list' | 'feed';
  label: string;
  isBusy: boolean;
  className: string;
}

interface RowProps<T> {
  item: T;
  index: number;
  /** How many there are, if not all of them are on the page. */
  count: number | undefined;
  /** In a feed: whether the tabulator leads to it. */
  tabIndex: number | undefined;
  /** Where it is, in pixels from the top of the list; without a virtualiser they follow each other. */
  start: number | undefined;
  measure: ((element: HTMLElement | null) => void) | undefined;
  render: (item: T) => ReactNode;
}

function RowItself<T>({ item, index, count, tabIndex, start, measure, render }: RowProps<T>) {
  const id = useId();
  const isArticle = tabIndex !== undefined;
  const attributes = {
    role: isArticle ? 'article' : 'listitem',
    ...(count !== undefined && { 'aria-posinset': index + 1, 'aria-setsize': count }),
    // A feed's articles are called by what is in them.
    ...(isArticle && { id, tabIndex, 'aria-labelledby': id }),
  };
  const style: CSSProperties | undefined =
    start === undefined
      ? undefined
      : { position: 'absolute', insetInline: 0, top: 0, transform: `translateY(${start}px)` };
  return (
    <div {...attributes} className="tw-row" ref={measure} data-index={index} style={style}>
      {render(item)}
    </div>
  );
}

const Row = /* @__PURE__ */ memo(RowItself) as typeof RowItself;

/** Where the keys of a feed lead to. */
function destination(key: string, from: number, count: number): number | undefined {
  const to = { PageDown: from + 1, PageUp: from - 1, Home: 0, End: count - 1 }[key];
  return to === undefined ? undefined : Math.max(0, Math.min(count - 1, to));
}

/** A list or a feed of rows. */
export function RowList<T extends object>({
  items,
  keyOf,
  render,
  role,
  label,
  isBusy,
  className,
  rowHeight = 48,
  maxHeight = '24rem',
}: RowListProps<T>): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const count = items.length;
  const isLong = count > SHORT;
  const [focused, setFocused] = useState<string | number>();
  /** The row to have the focus as soon as it is on the page. */
  const wanted = useRef<number>(undefined);
  const keyAt = useCallback(
    (index: number) => {
      const item = items[index];
      return item ? keyOf(item) : index;
    },
    [items, keyOf],
  );
  const at = focused === undefined ? -1 : items.findIndex((item) => keyOf(item) === focused);
  const kept = at < 0 ? undefined : at;
  const virtual = useVirtual(isLong, {
    count,
    keyAt,
    estimate: rowHeight,
    kept,
    scroller: () => scroller.current,
  });
  const rowAt = (index: number): HTMLElement | null =>
    scroller.current?.querySelector(`:scope > div > [data-index="${index}"]`) ?? null;
  useEffect(() => {
    const row = wanted.current === undefined ? null : rowAt(wanted.current);
    if (!row) return;
    wanted.current = undefined;
    row.focus();
  });

  const scrollerStyle = useClientStyle(
    isLong ? { overflow: 'auto', maxHeight, overflowAnchor: 'none' } : undefined,
  );
  const isFeed = role === 'feed';
  // Until it knows the element, everything stays as it was.
  const isFollowed = !!virtual?.scrollElement;
  const indices = isFollowed
    ? virtual.getVirtualItems().map(({ index, start }) => ({ index, start }))
    : Array.from({ length: Math.min(count, SHORT) }, (_, index) => ({ index, start: undefined }));
  const tabbable = kept ?? indices[0]?.index;

  const onFocus = ({ target }: FocusEvent<HTMLElement>): void => {
    const row = target.closest<HTMLElement>('[data-index]');
    if (row) setFocused(keyAt(Number(row.dataset.index)));
  };
  const onBlur = ({ relatedTarget, currentTarget }: FocusEvent<HTMLElement>): void => {
    if (!currentTarget.contains(relatedTarget)) setFocused(undefined);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    // Fields within a row have their own use for these keys.
    if (!row || (event.target as HTMLElement).matches('input, textarea, select')) return;
    const to = destination(event.key, Number(row.dataset.index), count);
    if (to === undefined) return;
    event.preventDefault();
    const there = rowAt(to);
    if (there) {
      there.focus();
      return;
    }
    wanted.current = to;
    virtual?.scrollToIndex(to);
  };

  // What scrolls can be reached by the keyboard: a feed by its articles, a list by itself.
  const scrolling = isLong && !isFeed && { role: 'group', 'aria-label': label, tabIndex: 0 };
  const list = { role, 'aria-busy': isBusy, ...(isFeed && { 'aria-label': label }) };
  const following = { onFocus, onBlur, ...(isFeed && { onKeyDown }) };
  return (
    <>
      <div
        {...scrolling}
        ref={scroller}
        className={classNames(className, isLong && 'tw-long')}
        style={scrollerStyle}
      >
        <div
          {...list}
          {...following}
          className="tw-rows"
          style={isFollowed ? { position: 'relative', height: virtual.getTotalSize() } : undefined}
        >
          {indices.map(({ index, start }) => {
            const item = items[index];
            return (
              item && (
                <Row
                  key={keyOf(item)}
                  item={item}
                  index={index}
                  count={isFeed || isLong ? count : undefined}
                  tabIndex={isFeed ? (index === tabbable ? 0 : -1) : undefined}
                  start={start}
                  measure={virtual?.measureElement}
                  render={render}
                />
              )
            );
          })}
        </div>
      </div>
      {virtual && <Following virtual={virtual} />}
    </>
  );
}

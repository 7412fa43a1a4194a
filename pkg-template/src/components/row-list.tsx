/** A list of rows, virtualized if it is long. */
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
import { useVirtual, VirtualizerEffects } from './use-virtual.js';

/** The maximum number of rows that are rendered without a virtualizer. */
const MAX_PLAIN_ROWS = 60;

/** Options of the list. */
export interface RowListOptions {
  /** The estimated height of a row, in pixels; its real height is measured. Default 48. */
  rowHeight?: number;
  /** The maximum height of a long list, in CSS. Default `24rem`. */
  maxHeight?: string | number;
}

interface RowListProps<T extends object> {
  rowHeight: number | undefined;
  maxHeight: string | number | undefined;
  items: readonly T[];
  keyOf: (item: T) => string | number;
  /** Renders a row; a new function renders all rows again. */
  render: (item: T) => ReactNode;
  /** A feed's rows are focusable, and the keyboard moves between them. */
  role: 'list' | 'feed';
  label: string;
  isBusy: boolean;
  className: string;
}

interface RowProps<T> {
  item: T;
  index: number;
  /** The number of rows, if not all of them are rendered. */
  count: number | undefined;
  /** In a feed: the row's `tabIndex`. */
  tabIndex: number | undefined;
  /** The position in pixels from the top of the list; `undefined` without a virtualizer. */
  start: number | undefined;
  measure: ((element: HTMLElement | null) => void) | undefined;
  render: (item: T) => ReactNode;
}

function RowContent<T>({ item, index, count, tabIndex, start, measure, render }: RowProps<T>) {
  const id = useId();
  const isArticle = tabIndex !== undefined;
  const attributes = {
    role: isArticle ? 'article' : 'listitem',
    ...(count !== undefined && { 'aria-posinset': index + 1, 'aria-setsize': count }),
    // A feed's articles are labelled by their content.
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

const Row = /* @__PURE__ */ memo(RowContent) as typeof RowContent;

/** Returns the index to which a key of a feed moves the focus. */
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
  const isLong = count > MAX_PLAIN_ROWS;
  const [focused, setFocused] = useState<string | number>();
  /** The index of the row to focus as soon as it is rendered. */
  const pendingFocus = useRef<number>(undefined);
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
    const row = pendingFocus.current === undefined ? null : rowAt(pendingFocus.current);
    if (!row) return;
    pendingFocus.current = undefined;
    row.focus();
  });

  const scrollerStyle = useClientStyle(
    isLong ? { overflow: 'auto', maxHeight, overflowAnchor: 'none' } : undefined,
  );
  const isFeed = role === 'feed';
  // Until the virtualizer has its element, the first rows are rendered.
  const isVirtual = !!virtual?.scrollElement;
  const indices = isVirtual
    ? virtual.getVirtualItems().map(({ index, start }) => ({ index, start }))
    : Array.from({ length: Math.min(count, MAX_PLAIN_ROWS) }, (_, index) => ({
        index,
        start: undefined,
      }));
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
    // Fields within a row use these keys themselves.
    if (!row || (event.target as HTMLElement).matches('input, textarea, select')) return;
    const to = destination(event.key, Number(row.dataset.index), count);
    if (to === undefined) return;
    event.preventDefault();
    const target = rowAt(to);
    if (target) {
      target.focus();
      return;
    }
    pendingFocus.current = to;
    virtual?.scrollToIndex(to);
  };

  // A scrollable element must be reachable by keyboard: a feed by its articles, a list by itself.
  const scrolling = isLong && !isFeed && { role: 'group', 'aria-label': label, tabIndex: 0 };
  const list = { role, 'aria-busy': isBusy, ...(isFeed && { 'aria-label': label }) };
  const handlers = { onFocus, onBlur, ...(isFeed && { onKeyDown }) };
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
          {...handlers}
          className="tw-rows"
          style={isVirtual ? { position: 'relative', height: virtual.getTotalSize() } : undefined}
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
      {virtual && <VirtualizerEffects virtual={virtual} />}
    </>
  );
}

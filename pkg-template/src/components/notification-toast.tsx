import {
  type ComponentPropsWithoutRef,
  type FocusEvent,
  type ForwardedRef,
  forwardRef,
  type KeyboardEvent,
  type ReactNode,
  type RefAttributes,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { ChannelName } from '../react/index.js';
import { Announced, useAnnouncer } from './announcement.js';
import { classNames } from './class-names.js';
import { fields } from './fields.js';
import { type RowSource, splitSource, useRows } from './rows.js';
import { durationOf, isUrgent, Toast, type ToastItem } from './toast.js';
import { useLabels } from './use-labels.js';

/** The texts of {@link NotificationToast}. */
export interface NotificationToastTexts {
  /** The region's accessible name. */
  label: string;
  /** The names of the types, so that colour is not the only distinction. */
  types: Readonly<Record<NonNullable<ToastItem['type']>, string>>;
  /** The label of the close button of a notification with this title. */
  close: (title: string) => string;
  /** The number of notifications that are queued. */
  waiting: (count: number) => string;
  /** Announced to screen readers for several at once. */
  arrived: (count: number) => string;
}

const ENGLISH: NotificationToastTexts = {
  label: 'Notifications',
  types: { info: 'Info', success: 'Success', warning: 'Warning', error: 'Error' },
  close: (title) => `Close: ${title}`,
  waiting: (count) => `${count} more`,
  arrived: (count) => `${count} new notifications`,
};

/** The props of {@link NotificationToast}, besides those of a `<section>`. */
export interface NotificationToastOwnProps<T extends ToastItem = ToastItem> extends RowSource<T> {
  /** The user whose notifications are shown: short for the channel `notifications:USER`. */
  userId?: string | null;
  /** How many are shown at once; the others are queued, the most urgent first. Default 3. */
  max?: number;
  /**
   * How long one is shown, in milliseconds; `false`: until it is closed, as errors and those of high priority
   * always are. Default 6 000. All pause while one has the focus or the pointer is over one.
   */
  durationMs?: number | false;
  /** Whether to show the notifications that exist at first. Default: `show` for `items`, `skip` for other sources. */
  existing?: 'show' | 'skip';
  /**
   * Called when one is closed by the user, or has expired. A row of a channel or collection that was
   * closed is marked as `read` there as well.
   */
  onClose?: (item: T, by: 'reader' | 'time') => void;
  /** Renders a toast's content, besides its type and its button. */
  renderItem?: (item: T) => ReactNode;
  /** Texts instead of the English ones. */
  texts?: Partial<NotificationToastTexts>;
}

/** The props of {@link NotificationToast}. */
export type NotificationToastProps<T extends ToastItem = ToastItem> = NotificationToastOwnProps<T> &
  Omit<ComponentPropsWithoutRef<'section'>, keyof NotificationToastOwnProps | 'children'>;

function textsOf(item: ToastItem): string[] {
  const { title, message } = fields(item);
  return [title, message].flatMap((text) => (text ? String(text) : []));
}

const titleOf = (item: ToastItem): string => textsOf(item)[0] ?? '';

const textOf = (item: ToastItem): string => textsOf(item).join('. ');

function renderToast(item: ToastItem): ReactNode {
  const { title, message } = fields(item);
  return (
    <>
      {title && <strong className="tw-toast-title">{title}</strong>}
      {message && <p className="tw-toast-message">{message}</p>}
    </>
  );
}

/** Returns the rank of a notification: lower ranks are shown first. */
const rankOf = (item: ToastItem): number => (isUrgent(item) ? 0 : item.priority === 'low' ? 2 : 1);

const CLOSE = 'button.tw-toast-close';

/** Returns the ids of rows. */
const idsOf = (items: readonly ToastItem[]): ReadonlySet<string> =>
  new Set(items.map(({ id }) => id));

/** The initial notifications of a channel, which are not shown. */
interface InitialItems {
  channel: ChannelName;
  ids: ReadonlySet<string>;
}

function NotificationToastOfAny<T extends ToastItem>(
  props: NotificationToastProps<T>,
  ref: ForwardedRef<HTMLElement>,
): ReactNode {
  const [source, others] = splitSource<T, NotificationToastProps<T>>(props);
  const { userId, max = 3, durationMs = 6_000, existing, onClose, renderItem, ...more } = others;
  const { texts, className, onFocus, onBlur, onKeyDown, onMouseEnter, onMouseLeave, ...rest } =
    more;
  const channel = source.channel ?? (userId ? `notifications:${userId}` : null);
  const { items, isLoading, change } = useRows({ ...source, channel });
  const labels = useLabels(ENGLISH, texts);
  const [first, setFirst] = useState<InitialItems>();
  const known = first && first.channel === channel ? first.ids : undefined;
  if (!known && !isLoading) {
    const isShown = (existing ?? (source.items ? 'show' : 'skip')) === 'show';
    setFirst({ channel, ids: isShown ? new Set() : idsOf(items) });
  }
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  /** The element that had the focus before, and the index of the toast to focus after another is closed. */
  const focus = useRef<{ from: Element | null; next: number | undefined }>({
    from: null,
    next: undefined,
  });
  const announcer = useAnnouncer();

  const [names, setNames] = useState('');
  const waiting = useMemo(() => {
    const present = new Set(names.split('\n'));
    // A visible one is replaced only by a more urgent one.
    const rank = (item: T): number => rankOf(item) + (present.has(item.id) ? 0 : 0.5);
    return known
      ? items
          .filter(({ id, read }) => !read && !known.has(id) && !closed.has(id))
          .sort((a, b) => rank(a) - rank(b))
      : [];
  }, [items, known, closed, names]);
  const shown = waiting.slice(0, max);
  const present = shown.map(({ id }) => id).sort();
  if (present.join('\n') !== names) setNames(present.join('\n'));
  const before = useRef('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when other toasts are shown
  useEffect(() => {
    const announced = new Set(before.current.split('\n'));
    before.current = names;
    const added = shown.filter((item) => !announced.has(item.id) && !isUrgent(item));
    const last = added.at(-1);
    if (last) {
      announcer.announce(
        (count) => (count > 1 ? labels.arrived(count) : textOf(last)),
        added.length,
      );
    }
    const { next, from } = focus.current;
    if (next === undefined) return;
    const buttons = list.current?.querySelectorAll<HTMLElement>(CLOSE) ?? [];
    const button = buttons[next] ?? buttons[next - 1];
    if (button) button.focus();
    else {
      setFocused(false);
      if (from instanceof HTMLElement && from.isConnected) from.focus();
    }
    focus.current.next = undefined;
  }, [names]);

  const end = (item: T, by: 'reader' | 'time'): void => {
    const present = idsOf(items);
    setClosed((those) => new Set([...those, item.id].filter((id) => present.has(id))));
    if (by === 'reader' && change && !item.read) {
      change.update(item.id, { read: true } as Partial<T>);
    }
    onClose?.(item, by);
  };
  const close = (item: T, at: number): void => {
    if (list.current?.contains(document.activeElement)) focus.current.next = at;
    end(item, 'reader');
  };

  const handlers = {
    onMouseEnter: () => setPointed(true),
    onMouseLeave: () => setPointed(false),
    onFocus: ({ relatedTarget, currentTarget }: FocusEvent<HTMLElement>) => {
      const isOurs = currentTarget.contains(relatedTarget) || focus.current.next !== undefined;
      if (!isOurs) focus.current.from = relatedTarget;
      setFocused(true);
    },
    onBlur: ({ relatedTarget, currentTarget }: FocusEvent<HTMLElement>) => {
      if (!currentTarget.contains(relatedTarget)) setFocused(false);
    },
    onKeyDown: ({ key, target }: KeyboardEvent<HTMLElement>) => {
      if (key !== 'Escape') return;
      const toasts = [...(list.current?.children ?? [])];
      const at = toasts.findIndex((toast) => toast.contains(target as Node));
      const item = shown[at];
      if (item) close(item, at);
    },
  };
  return (
    <section
      {...rest}
      ref={ref}
      className={classNames('tw-notification-toast notification-container', className)}
      aria-label={rest['aria-label'] ?? labels.label}
    >
      <ol className="tw-toasts" ref={list} {...handlers}>
        {shown.map((item, at) => (
          <Toast
            key={item.id}
            item={item}
            durationMs={durationOf(item, durationMs)}
            isPaused={isPointed || isFocused}
            type={labels.types[fields(item).type ?? 'info']}
            close={labels.close(titleOf(item))}
            onExpire={() => end(item, 'time')}
            onClose={() => close(item, at)}
          >
            {(renderItem ?? renderToast)(item)}
          </Toast>
        ))}
      </ol>
      {waiting.length > shown.length && (
        <p className="tw-toasts-waiting">{labels.waiting(waiting.length - shown.length)}</p>
      )}
      <Announced announcer={announcer} />
    </section>
  );
}

/**
 * Notifications as toasts. Errors and those of high priority interrupt a screen reader and are shown until
 * they are closed, by their button or Escape; closing one moves the focus to the next.
 */
export const NotificationToast = /* @__PURE__ */ forwardRef(NotificationToastOfAny as never) as <
  T extends ToastItem = ToastItem,
>(
  props: NotificationToastProps<T> & RefAttributes<HTMLElement>,
) => ReactNode;

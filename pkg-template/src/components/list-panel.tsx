/** The frame of every component that shows rows: a labelled section with a status, the list, and announcements. */
import type { ComponentPropsWithoutRef, ForwardedRef, ReactNode } from 'react';
import type { RealtimeError } from '../index.js';
import { classNames } from './class-names.js';
import { ListStatus } from './list-status.js';
import { RowList, type RowListOptions } from './row-list.js';

interface ListPanelProps<T extends object> {
  rowHeight: RowListOptions['rowHeight'] | undefined;
  maxHeight: RowListOptions['maxHeight'] | undefined;
  /** The app's attributes of the `<section>`. */
  section: ComponentPropsWithoutRef<'section'>;
  sectionRef: ForwardedRef<HTMLElement>;
  /** The class names of the section, and of the list in it. */
  classes: [section: string, list: string];
  labels: {
    label: string;
    loading?: string;
    empty: string;
    failed: (error: RealtimeError) => string;
  };
  rows: { items: readonly T[]; isLoading?: boolean; error: RealtimeError | null };
  keyOf: (item: T) => string | number;
  render: (item: T) => ReactNode;
  role?: 'list' | 'feed';
  /** Shown above the status. */
  head?: ReactNode;
  /** Shown above the rows, if there are any. */
  summary?: ReactNode;
  /** The announcements. */
  children: ReactNode;
}

/** A section with rows. */
export function ListPanel<T extends object>({
  section,
  sectionRef,
  classes,
  labels,
  rows: { items, isLoading = false, error },
  role = 'list',
  head,
  summary,
  children,
  ...list
}: ListPanelProps<T>): ReactNode {
  return (
    <section
      {...section}
      ref={sectionRef}
      className={classNames(classes[0], section.className)}
      aria-label={section['aria-label'] ?? labels.label}
    >
      {head}
      <ListStatus
        error={error && labels.failed(error)}
        isLoading={isLoading}
        loading={labels.loading ?? ''}
        empty={items.length ? undefined : labels.empty}
      />
      {items.length > 0 && (
        <>
          {summary}
          <RowList
            {...list}
            items={items}
            role={role}
            label={labels.label}
            isBusy={isLoading}
            className={classes[1]}
          />
        </>
      )}
      {children}
    </section>
  );
}

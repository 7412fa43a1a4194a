import type { ReactNode } from 'react';

interface ListStatusProps {
  /** The error's text, if there is an error. */
  error: string | null;
  isLoading: boolean;
  loading: string;
  /** The text for an empty list, if it is empty. */
  empty: string | undefined;
}

/** The status of a list: an error, loading, or empty. */
export function ListStatus({ error, isLoading, loading, empty }: ListStatusProps): ReactNode {
  return (
    <>
      {error && (
        <p role="alert" className="tw-error">
          {error}
        </p>
      )}
      {isLoading && empty !== undefined && <p className="tw-loading">{loading}</p>}
      {!isLoading && !error && empty !== undefined && <p className="tw-empty">{empty}</p>}
    </>
  );
}

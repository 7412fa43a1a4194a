import type { ReactNode } from 'react';

interface StandingProps {
  /** What went wrong, if something did. */
  error: string | null;
  isLoading: boolean;
  loading: string;
  /** What to say of no rows, if there are none. */
  empty: string | undefined;
}

/** How a list stands before there is anything in it, and what went wrong with it. */
export function Standing({ error, isLoading, loading, empty }: StandingProps): ReactNode {
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

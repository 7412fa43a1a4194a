import { useState } from 'react';

/** The outcome of an action. */
export type Outcome =
  | { readonly phase: 'none' }
  | { readonly phase: 'busy'; readonly action: string }
  | { readonly phase: 'failed'; readonly message: string };

/** Runs actions one at a time and returns the outcome of the last one. */
export function useAction(): [Outcome, (name: string, action: () => Promise<void>) => void] {
  const [outcome, setOutcome] = useState<Outcome>({ phase: 'none' });
  const run = (name: string, action: () => Promise<void>): void => {
    setOutcome({ phase: 'busy', action: name });
    action().then(
      () => setOutcome({ phase: 'none' }),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        setOutcome({ phase: 'failed', message: `${name} did not work. ${message}` });
      },
    );
  };
  return [outcome, run];
}

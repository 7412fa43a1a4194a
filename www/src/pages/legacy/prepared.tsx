import { type ReactNode, useEffect, useEffectEvent, useState } from 'react';

interface Props {
  /** Signs in and calls `configureLegacy`. */
  prepare(): Promise<void>;
  children: ReactNode;
}

type State = { kind: 'preparing' } | { kind: 'ready' } | { kind: 'failed'; message: string };

/** Renders the children once the legacy hooks are configured. */
export function Prepared({ prepare, children }: Props) {
  const [state, setState] = useState<State>({ kind: 'preparing' });
  const begin = useEffectEvent(prepare);
  useEffect(() => {
    let isShown = true;
    const show = (next: State): void => {
      if (isShown) setState(next);
    };
    begin().then(
      () => show({ kind: 'ready' }),
      (error: unknown) => show({ kind: 'failed', message: String(error) }),
    );
    return () => {
      isShown = false;
    };
  }, []);
  if (state.kind === 'ready') return children;
  if (state.kind === 'failed') return <p role="alert">Signing in failed: {state.message}</p>;
  return <p className="empty">Signing in…</p>;
}

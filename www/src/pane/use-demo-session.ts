import { createContext, useContext } from 'react';
import type { DemoSession } from './demo-session.ts';

/** The session of the pane's user. */
export const DemoSessionContext = createContext<DemoSession | null>(null);

/** The session of the pane's user. */
export function useDemoSession(): DemoSession {
  const session = useContext(DemoSessionContext);
  if (!session) throw new Error('This belongs into a pane.');
  return session;
}

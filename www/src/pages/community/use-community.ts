import { useMemo } from 'react';
import { community } from 'tidewire/services';
import { useDemoSession } from '../../pane/use-demo-session.ts';

/** The community's service, with the session of the pane's user. */
export function useCommunity(): ReturnType<typeof community> {
  const { carried } = useDemoSession();
  return useMemo(() => community({ source: carried }), [carried]);
}

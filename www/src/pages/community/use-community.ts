import { useMemo } from 'react';
import { community } from 'tidewire/services';
import { useSeat } from '../../pane/use-demo-session.ts';

/** The community's service, with the rows of whoever sits here. */
export function useCommunity(): ReturnType<typeof community> {
  const { carried } = useSeat();
  return useMemo(() => community({ source: carried }), [carried]);
}

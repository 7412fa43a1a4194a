import { useMemo } from 'react';
import { type CollectionView, useCollection } from 'tidewire/react';
import { type Notification, notifications } from 'tidewire/services';
import { useSeat } from '../../pane/use-demo-session.ts';

/** The notifications of whoever sits here. Several components that ask share one membership. */
export function useInbox(): CollectionView<Notification> {
  const { person, carried } = useSeat();
  const service = useMemo(() => notifications({ source: carried }), [carried]);
  return useCollection(service.notifications.at(person.id));
}

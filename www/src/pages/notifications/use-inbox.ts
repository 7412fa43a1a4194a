import { useMemo } from 'react';
import { type CollectionView, useCollection } from 'tidewire/react';
import { type Notification, notifications } from 'tidewire/services';
import { useDemoSession } from '../../pane/use-demo-session.ts';

/** The notifications of the pane's user. Several components share one membership. */
export function useInbox(): CollectionView<Notification> {
  const { person, carried } = useDemoSession();
  const service = useMemo(() => notifications({ source: carried }), [carried]);
  return useCollection(service.notifications.at(person.id));
}

import { NotificationToast } from 'tidewire/components';
import { useInbox } from './use-inbox.ts';

/** What comes while the page is open. */
export function Toasts() {
  return <NotificationToast collection={useInbox()} />;
}

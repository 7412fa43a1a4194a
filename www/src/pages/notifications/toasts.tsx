import { NotificationToast } from 'tidewire/components';
import { useInbox } from './use-inbox.ts';

/** Notifications that arrive while the page is open. */
export function Toasts() {
  return <NotificationToast collection={useInbox()} />;
}

import type { Notification } from 'tidewire/services';
import { useInbox } from './use-inbox.ts';

type Draft = Pick<
  Notification,
  'type' | 'category' | 'title' | 'message' | 'priority' | 'read' | 'data'
>;

const DRAFTS: readonly { name: string; draft: Draft }[] = [
  {
    name: 'System alert',
    draft: {
      type: 'error',
      category: 'system',
      title: 'Disk almost full',
      message: 'Less than one gigabyte is left.',
      priority: 'high',
      read: false,
      data: null,
    },
  },
  {
    name: 'Payment confirmation',
    draft: {
      type: 'success',
      category: 'payment',
      title: 'Payment confirmed',
      message: 'Your invoice was paid in full.',
      priority: 'normal',
      read: false,
      data: { amount: 120, currency: 'USD' },
    },
  },
  {
    name: 'Message',
    draft: {
      type: 'info',
      category: 'message',
      title: 'New message',
      message: 'Somebody answered your comment.',
      priority: 'low',
      read: false,
      data: null,
    },
  },
];

/** Sends a notification to the pane's own user. */
export function Sender() {
  const { insert } = useInbox();
  return (
    <fieldset className="sender">
      <legend>Send yourself one</legend>
      {DRAFTS.map(({ name, draft }) => (
        <button key={name} type="button" className="button" onClick={() => insert(draft)}>
          {name}
        </button>
      ))}
    </fieldset>
  );
}

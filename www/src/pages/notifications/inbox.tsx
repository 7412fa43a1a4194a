import { useMemo, useRef, useState } from 'react';
import { byPriority, dismiss, markAllRead, markRead, unreadCount } from 'tidewire/services';
import { ScrollRegion } from '../../components/scroll-region.tsx';
import { labelOf } from '../../pane/person.ts';
import { Picker } from '../../pane/picker.tsx';
import { useDemoSession } from '../../pane/use-demo-session.ts';
import { InboxItem } from './inbox-item.tsx';
import { useInbox } from './use-inbox.ts';

const CATEGORIES = [
  { id: 'all', name: 'All of them' },
  { id: 'system', name: 'System alerts' },
  { id: 'payment', name: 'Payments' },
  { id: 'message', name: 'Messages' },
  { id: 'call', name: 'Calls' },
  { id: 'bill', name: 'Bills' },
];

/** All notifications: unread before read, important ones first. */
export function Inbox() {
  const { person } = useDemoSession();
  const inbox = useInbox();
  const [category, setCategory] = useState('all');
  const list = useRef<HTMLHeadingElement>(null);
  const shown = useMemo(
    () =>
      byPriority(inbox.items.filter((item) => category === 'all' || item.category === category)),
    [inbox.items, category],
  );
  const unsaved = new Set(inbox.pending.map(({ key }) => key));
  const unread = unreadCount(inbox.items);
  return (
    <>
      <div className="part">
        <div className="part-line">
          <h3 ref={list} tabIndex={-1}>
            Inbox{' '}
            <span className="tag" data-testid="unread" data-count={unread}>
              {unread} unread
            </span>
          </h3>
          <button
            type="button"
            className="button quiet"
            disabled={unread === 0}
            onClick={() => markAllRead(inbox)}
          >
            Mark all as read
          </button>
        </div>
        <Picker
          label="Show"
          rows={CATEGORIES}
          value={category}
          nameOf={({ name }) => name}
          onChange={setCategory}
        />
      </div>
      {shown.length === 0 ? (
        <p className="empty">{inbox.isLoading ? 'Loading…' : 'Nothing here yet.'}</p>
      ) : (
        <ScrollRegion className="pane-scroll" label={labelOf(person, 'Inbox')}>
          <ol className="inbox" data-testid="inbox">
            {shown.map((item) => (
              <InboxItem
                key={item.id}
                item={item}
                isUnsaved={unsaved.has(item.id)}
                onRead={() => markRead(inbox, item.id)}
                onDismiss={() => {
                  dismiss(inbox, item.id);
                  // The focused button is removed with the row, so the focus is moved here.
                  list.current?.focus();
                }}
              />
            ))}
          </ol>
        </ScrollRegion>
      )}
    </>
  );
}

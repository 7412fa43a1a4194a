import type { Notification } from 'tidewire/services';
import { SavingMark } from '../../pane/saving-mark.tsx';
import { When } from '../../pane/when.tsx';

interface Props {
  item: Notification;
  isUnsaved: boolean;
  onRead(): void;
  onDismiss(): void;
}

const TONES = {
  info: 'tone-rest',
  success: 'tone-good',
  warning: 'tone-busy',
  error: 'tone-bad',
} as const;

/** One notification. */
export function InboxItem({ item, isUnsaved, onRead, onDismiss }: Props) {
  const { id, type, category, title, message, priority, read, created_at: at } = item;
  return (
    <li
      className="inbox-item"
      data-testid="notification"
      data-key={id}
      data-read={read}
      data-category={category}
      data-priority={priority}
    >
      <p className="inbox-kind">
        <span className={`tag ${TONES[type]}`}>{type}</span> {category}
        {priority === 'high' && <b>, important</b>} <When at={at} /> {isUnsaved && <SavingMark />}
      </p>
      <p className="inbox-title">
        {!read && <span className="visually-hidden">Unread: </span>}
        {title}
      </p>
      <p className="inbox-message">{message}</p>
      <div className="inbox-actions">
        {!read && (
          <button
            type="button"
            className="button quiet"
            aria-label={`Mark as read: ${title}`}
            onClick={onRead}
          >
            Mark as read
          </button>
        )}
        <button
          type="button"
          className="button quiet"
          aria-label={`Remove: ${title}`}
          onClick={onDismiss}
        >
          Remove
        </button>
      </div>
    </li>
  );
}

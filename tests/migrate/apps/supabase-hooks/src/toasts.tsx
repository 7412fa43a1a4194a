import {
  addNotification,
  type Notification,
  removeNotification,
  useNotifications,
} from '@/components/realtime';

export const paid = (amount: number): string =>
  addNotification({ type: 'success', title: 'Paid', message: `${amount} received` });

export function Toasts() {
  const notifications: readonly Notification[] = useNotifications();
  return (
    <div className="notification-container">
      {notifications.map(({ id, message }) => (
        <button key={id} type="button" onClick={() => removeNotification(id)}>
          {message}
        </button>
      ))}
    </div>
  );
}

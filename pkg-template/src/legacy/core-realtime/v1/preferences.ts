/** The user's preferences for notifications. */
import { realTimeService } from '../index.js';

export type Preferences = Readonly<Record<string, unknown>>;

let current: Preferences = {};

/** Returns the preferences set on this page. */
export const getPreferences = (): Preferences => current;

/** Changes preferences, and sends them to the server. */
export function updatePreferences(changes: Preferences): void {
  current = { ...current, ...changes };
  const message = { type: 'update_preferences', topic: 'user_notifications', data: { ...current } };
  realTimeService.getWebSocketManager().send(message);
}

/** What this user wants to be told of. */
import { realTimeService } from '../index.js';

/** Preferences by name. */
export type Preferences = Readonly<Record<string, unknown>>;

let current: Preferences = {};

/** The preferences set on this page. */
export const getPreferences = (): Preferences => current;

/** Changes preferences, and tells the server. */
export function updatePreferences(changes: Preferences): void {
  current = { ...current, ...changes };
  const message = { type: 'update_preferences', topic: 'user_notifications', data: { ...current } };
  realTimeService.getWebSocketManager().send(message);
}

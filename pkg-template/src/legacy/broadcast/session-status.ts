import type { ManagedChannel } from './managed-channel.js';

/** The status of a session. */
export interface SessionStatus {
  readonly isLoading: boolean;
  /** Whether messages flow now. */
  readonly isConnected: boolean;
  readonly error: Error | null;
}

/** The status of a channel and of its tables. */
export function statusOf(
  channel: ManagedChannel,
  tables: readonly Pick<SessionStatus, 'isLoading' | 'error'>[],
): SessionStatus {
  const { isConnected, error: channelError } = channel.getState();
  const error = channelError ?? tables.find((table) => table.error)?.error ?? null;
  return { isConnected, error, isLoading: !error && tables.some((table) => table.isLoading) };
}

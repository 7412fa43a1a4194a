import type { ManagedChannel } from './managed-channel.js';

export interface SessionStatus {
  readonly isLoading: boolean;
  /** Whether messages flow now. */
  readonly isConnected: boolean;
  readonly error: Error | null;
}

export function statusOf(
  channel: ManagedChannel,
  tables: readonly Pick<SessionStatus, 'isLoading' | 'error'>[],
): SessionStatus {
  const { isConnected, error: channelError } = channel.getState();
  const error = channelError ?? tables.find((table) => table.error)?.error ?? null;
  return { isConnected, error, isLoading: !error && tables.some((table) => table.isLoading) };
}

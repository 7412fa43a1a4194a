/** The channels of a post. */
import type { PostgresChange } from '../../index.js';
import type { SupabaseChannel } from '../../supabase/index.js';
import { useLatest } from '../use-latest.js';
import { type UseRealtimeChannelOptions, useRealtimeChannel } from './use-realtime-channel.js';

// biome-ignore lint/suspicious/noExplicitAny: existing code reads fields of its own tables.
type AnyRow = Record<string, any>;

/**
 * Calls back with each new comment of a post: inserts into `comments` with its `post_id`. The callback may
 * be another in every render.
 *
 * @deprecated Use `useRealtimeChannel` of `tidewire/react` with `postgresChanges`.
 */
export function usePostCommentsChannel(
  postId: string,
  onNewComment: (payload: PostgresChange<AnyRow>) => void,
  options?: UseRealtimeChannelOptions,
): SupabaseChannel | null {
  const filter = { event: 'INSERT', table: 'comments', filter: `post_id=eq.${postId}` } as const;
  return usePostChannel(`comments:${postId}`, filter, onNewComment, options);
}

/**
 * Calls back with each new count of a post's views: updates of `views` with its `post_id`. The callback may
 * be another in every render.
 *
 * @deprecated Use `useRealtimeChannel` of `tidewire/react` with `postgresChanges`.
 */
export function usePostViewsChannel(
  postId: string,
  onViewUpdate: (payload: PostgresChange<AnyRow>) => void,
  options?: UseRealtimeChannelOptions,
): SupabaseChannel | null {
  const filter = { event: 'UPDATE', table: 'views', filter: `post_id=eq.${postId}` } as const;
  return usePostChannel(`views:${postId}`, filter, onViewUpdate, options);
}

function usePostChannel<Event extends 'INSERT' | 'UPDATE'>(
  name: string,
  filter: { event: Event; table: string; filter: string },
  callback: (payload: PostgresChange<AnyRow>) => void,
  options: UseRealtimeChannelOptions | undefined,
): SupabaseChannel | null {
  const latest = useLatest(callback);
  return useRealtimeChannel(
    name,
    (channel) =>
      channel.on<AnyRow>('postgres_changes', { schema: 'public', ...filter }, (change) =>
        latest.current(change),
      ),
    options,
  );
}

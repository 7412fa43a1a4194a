import type { CollectionSnapshot } from 'tidewire';
import { count } from '../../components/format.ts';
import type { Note } from '../../realtime/note.ts';

interface Props {
  snapshot: CollectionSnapshot<Note>;
}

/** The board's loading state and its pending changes. */
export function BoardState({ snapshot }: Props) {
  const { items, isLoading, pending, error } = snapshot;
  return (
    <p
      className={pending.length ? 'board-state waiting' : 'board-state'}
      role="status"
      data-testid="board-state"
      data-pending={pending.length}
      data-loading={isLoading}
      data-continuity={snapshot.continuity}
    >
      {error
        ? `The notes could not be loaded. ${error.message} Trying again.`
        : isLoading
          ? 'Loading the notes…'
          : `${count(items.length, 'note')}, ${stored(pending.length)}.`}
    </p>
  );
}

const stored = (pending: number): string =>
  pending === 0 ? 'everything stored' : `${count(pending, 'change')} not stored yet`;

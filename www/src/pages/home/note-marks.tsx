import type { PendingChange } from 'tidewire';
import { Icon } from '../../components/icon.tsx';

interface Props {
  pending: readonly PendingChange[];
}

/** Shows whether a note's changes are stored. */
export function NoteMarks({ pending }: Props) {
  if (pending.length === 0) {
    return (
      <span className="note-mark stored">
        <Icon name="check" />
        stored
      </span>
    );
  }
  const isTemporary = pending.some(({ kind }) => kind === 'insert');
  return (
    <span className="note-mark waiting">
      {isTemporary ? 'new, saving' : 'saving'}
      {pending.length > 1 && ` ${pending.length} changes`}…
    </span>
  );
}

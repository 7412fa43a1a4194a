import { useEffect, useId, useRef, useState } from 'react';
import type { PendingChange, Typing } from 'tidewire';
import { timeOfDay } from '../../components/format.ts';
import type { RejectedEdit } from '../../hooks/use-edits.ts';
import { changed, type Note, type NoteText } from '../../realtime/note.ts';
import { NoteForm } from './note-form.tsx';
import { NoteMarks } from './note-marks.tsx';
import { RejectionNotice } from './rejection-notice.tsx';

interface Props {
  note: Note;
  /** The note's changes that are not stored yet. */
  pending: readonly PendingChange[];
  /** The note's changes that were rolled back. */
  rejections: readonly RejectedEdit[];
  typing: Typing;
  onEdit(text: Partial<NoteText>): void;
  onRemove(): void;
  onRetry(rejection: RejectedEdit): void;
  onDismiss(rejection: RejectedEdit): void;
}

/** The note's values when the form was opened, and the form's initial text. */
interface Editing {
  readonly from: NoteText;
  readonly text: NoteText;
}

/** One note, or the form to change it. */
export function NoteCard({
  note,
  pending,
  rejections,
  typing,
  onEdit,
  onRemove,
  onRetry,
  onDismiss,
}: Props) {
  const { id, title, body } = note;
  const [editing, setEditing] = useState<Editing | null>(null);
  const editButton = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  const titleId = useId();
  useEffect(() => {
    if (wasEditing.current && !editing) editButton.current?.focus();
    wasEditing.current = editing !== null;
  }, [editing]);

  const start = (text: NoteText): void => setEditing({ from: { title, body }, text });
  const save = (text: NoteText): void => {
    const patch = editing ? changed(editing.from, text) : {};
    if (Object.keys(patch).length) onEdit(patch);
    setEditing(null);
  };
  const retry = (rejection: RejectedEdit): void => {
    const { attempt } = rejection;
    if (attempt.kind === 'update') {
      onDismiss(rejection);
      start({ title, body, ...attempt.text });
    } else onRetry(rejection);
  };

  return (
    <li
      className={pending.length ? 'note waiting' : 'note'}
      data-testid="note"
      data-key={id}
      data-pending={pending.length}
    >
      <div className="note-head">
        <h3 id={titleId}>{title}</h3>
        <NoteMarks pending={pending} />
      </div>
      {editing ? (
        <NoteForm
          labelledBy={titleId}
          initial={editing.text}
          submit="Save"
          typing={typing}
          isFocused
          onSubmit={save}
          onCancel={() => setEditing(null)}
        />
      ) : (
        <>
          <p className="note-body">{body}</p>
          <div className="note-foot">
            <p className="note-by">{authorship(note)}</p>
            <button
              ref={editButton}
              type="button"
              className="button quiet"
              aria-describedby={titleId}
              data-testid="note-edit"
              onClick={() => start({ title, body })}
            >
              Edit
            </button>
            <button
              type="button"
              className="button quiet"
              aria-describedby={titleId}
              data-testid="note-remove"
              onClick={onRemove}
            >
              Remove
            </button>
          </div>
        </>
      )}
      <div className="rejections" aria-live="polite">
        {rejections.map((rejection) => (
          <RejectionNotice
            key={rejection.id}
            rejection={rejection}
            onRetry={() => retry(rejection)}
            onDismiss={() => onDismiss(rejection)}
          />
        ))}
      </div>
    </li>
  );
}

const authorship = ({ by, at }: Note): string =>
  [by, at !== undefined && timeOfDay(at)].filter(Boolean).join(', ');

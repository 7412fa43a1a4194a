import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { Typing } from 'tidewire';
import type { NoteText } from '../../realtime/note.ts';

interface Props {
  labelledBy: string;
  initial: NoteText;
  submit: string;
  typing: Typing;
  /** Whether it has the focus when it appears. */
  isFocused: boolean;
  onSubmit(text: NoteText): void;
  onCancel?: (() => void) | undefined;
}

/** A form for a note; typing in it is announced to others. */
export function NoteForm({
  labelledBy,
  initial,
  submit,
  typing,
  isFocused,
  onSubmit,
  onCancel,
}: Props) {
  const [text, setText] = useState(initial);
  const titleField = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    if (isFocused) titleField.current?.focus();
  }, [isFocused]);

  const change = (part: Partial<NoteText>): void => {
    setText((before) => ({ ...before, ...part }));
    typing.start();
  };
  const send = (event: FormEvent): void => {
    event.preventDefault();
    const title = text.title.trim();
    if (!title) return;
    typing.stop();
    onSubmit({ title, body: text.body.trim() });
  };
  const cancel = (): void => {
    typing.stop();
    onCancel?.();
  };
  const onKeyDown = ({ key }: KeyboardEvent): void => {
    if (key === 'Escape') cancel();
  };

  return (
    <form className="note-form" aria-labelledby={labelledBy} onSubmit={send}>
      <label htmlFor={`${id}-title`}>Title</label>
      <input
        ref={titleField}
        id={`${id}-title`}
        value={text.title}
        required
        maxLength={200}
        autoComplete="off"
        data-testid="note-title"
        onChange={(event) => change({ title: event.target.value })}
        onKeyDown={onKeyDown}
      />
      <label htmlFor={`${id}-body`}>Text</label>
      <textarea
        id={`${id}-body`}
        value={text.body}
        rows={3}
        maxLength={1_000}
        data-testid="note-body"
        onChange={(event) => change({ body: event.target.value })}
        onKeyDown={onKeyDown}
      />
      <p className="note-form-actions">
        <button type="submit" className="button primary" data-testid="note-submit">
          {submit}
        </button>
        {onCancel && (
          <button type="button" className="button quiet" onClick={cancel}>
            Cancel
          </button>
        )}
      </p>
    </form>
  );
}

import { type FormEvent, type KeyboardEvent, type ReactNode, useId, useState } from 'react';

interface Props {
  label: string;
  submit: string;
  onSubmit(text: string): void;
  /** Called on every keystroke. */
  onTyping?: () => void;
  /** Called when typing ends: sent, left or emptied. */
  onStop?: () => void;
  onCancel?: () => void;
  isFocused?: boolean;
  /** Content beside the button. */
  children?: ReactNode;
}

/** A short text field. Enter sends the text, Shift+Enter starts a new line. */
export function Composer({
  label,
  submit,
  onSubmit,
  onTyping,
  onStop,
  onCancel,
  isFocused,
  children,
}: Props) {
  const [text, setText] = useState('');
  const field = useId();
  const send = (event: FormEvent | KeyboardEvent): void => {
    event.preventDefault();
    const trimmed = text.trim();
    if (!trimmed) return;
    onStop?.();
    onSubmit(trimmed);
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onCancel?.();
    // During composition, the input method handles Enter.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) send(event);
  };
  return (
    <form className="composer" onSubmit={send}>
      <label htmlFor={field}>{label}</label>
      <textarea
        id={field}
        rows={2}
        maxLength={1000}
        value={text}
        // biome-ignore lint/a11y/noAutofocus: the user opened it to write in it
        autoFocus={isFocused}
        onChange={({ target }) => {
          setText(target.value);
          if (target.value) onTyping?.();
          else onStop?.();
        }}
        onBlur={onStop}
        onKeyDown={onKeyDown}
      />
      <div className="composer-actions">
        <button type="submit" className="button">
          {submit}
        </button>
        {onCancel && (
          <button type="button" className="button quiet" onClick={onCancel}>
            Cancel
          </button>
        )}
        {children}
      </div>
    </form>
  );
}

import { useId } from 'react';
import { usePresence, useTyping } from 'tidewire/react';
import { GALLERY } from './gallery.tsx';

/** A field for Bob: its text is not sent, only the typing indicator. */
export function BobsKeyboard() {
  const field = useId();
  usePresence(GALLERY, { name: 'Bob' });
  const { start, stop } = useTyping(GALLERY, 'bob');
  return (
    <div className="picker">
      <label htmlFor={field}>Type as Bob</label>
      <input id={field} autoComplete="off" onChange={start} onBlur={stop} />
    </div>
  );
}

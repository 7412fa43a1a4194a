import { useId } from 'react';
import { usePresence, useTyping } from 'tidewire/react';
import { GALLERY } from './gallery.tsx';

/** Where Bob types: nobody reads it, but it is seen that he does. */
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

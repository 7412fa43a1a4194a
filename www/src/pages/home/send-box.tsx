import { type FormEvent, useState } from 'react';
import { count } from '../../components/format.ts';
import { useStore } from '../../hooks/use-store.ts';
import { connection } from '../../realtime/connection.ts';
import { sendMessage } from '../../realtime/room.ts';

/** Sends messages to the room, with or without a connection. */
export function SendBox() {
  const [draft, setDraft] = useState('');
  const { unsettled } = useStore(connection);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const text = draft.trim();
    if (!text) return;
    sendMessage(text);
    setDraft('');
  };
  return (
    <form className="send-box" onSubmit={submit}>
      <label htmlFor="message" className="visually-hidden">
        Message
      </label>
      <input
        id="message"
        value={draft}
        maxLength={300}
        autoComplete="off"
        placeholder="Write a message"
        data-testid="message"
        onChange={(event) => setDraft(event.target.value)}
      />
      <button type="submit" className="button primary" data-testid="send">
        Send
      </button>
      <p className="send-note" role="status" data-testid="queue" data-count={unsettled}>
        {unsettled > 0 ? `${count(unsettled, 'message')} on the way` : 'Nothing is waiting'}
      </p>
    </form>
  );
}

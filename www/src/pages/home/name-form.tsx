import { type FormEvent, useState } from 'react';
import { useStore } from '../../hooks/use-store.ts';
import { client } from '../../realtime/client.ts';
import { record } from '../../realtime/event-log.ts';
import { identity, LONGEST_NAME, rename } from '../../realtime/identity.ts';
import { fetchToken } from '../../realtime/token.ts';

/** The user's name, which the token contains. */
export function NameForm() {
  const name = useStore(identity);
  const [draft, setDraft] = useState(name);
  const changed = draft.trim() !== '' && draft.trim() !== name;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!changed) return;
    rename(draft);
    setDraft(identity.get());
    record('you', `You are ${identity.get()} now`);
    signInAgain();
  };

  return (
    <form className="name-form" onSubmit={submit}>
      <label htmlFor="name">Your name</label>
      <input
        id="name"
        value={draft}
        maxLength={LONGEST_NAME}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setDraft(event.target.value)}
      />
      <button type="submit" className="button">
        Use
      </button>
    </form>
  );
}

/** Reconnects with a token for the new name. Without a connection, the next one requests its own token. */
function signInAgain(): void {
  if (client.state === 'idle') return;
  const name = identity.get();
  fetchToken().then(
    ({ token }) => {
      if (identity.get() !== name) return;
      // Signs out and in again: a connection belongs to one user.
      client.setToken(null);
      client.setToken(token);
    },
    () =>
      record(
        'error',
        'No token could be fetched: the new name applies from the next connection on',
      ),
  );
}

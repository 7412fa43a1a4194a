'use client';

import { CallDuration, ConnectionIndicator, LiveFeed } from 'tidewire/components';
import { useCollection, useConnection, useMessages, usePresence } from 'tidewire/react';

interface Note {
  id: string;
  title: string;
}

/** Everything a page shows of a channel. */
export function News() {
  const { state } = useConnection();
  const { messages } = useMessages<{ title: string }>('news');
  const { items, isLoading } = useCollection<Note>('notes');
  const { present } = usePresence('news', { name: 'visitor' });
  return (
    <main>
      <p title="state">{state}</p>
      <ul aria-label="News">
        {messages.map(({ key, message }) => (
          <li key={key}>{message.title}</li>
        ))}
      </ul>
      <ul aria-label="Notes" aria-busy={isLoading}>
        {items.map(({ id, title }) => (
          <li key={id}>{title}</li>
        ))}
      </ul>
      <p>{present.size} here</p>
      <ConnectionIndicator />
      <CallDuration call={{ started_at: new Date().toISOString() }} />
      <LiveFeed<Note> channel="notes" aria-label="Feed" renderItem={({ title }) => title} />
    </main>
  );
}

import { useEffect, useState } from 'react';
import { type LazyMessage, realtimeClient, useRealtimeChannel } from 'tidewire/legacy/lazy-client';
import { Switch } from '../../../components/switch.tsx';
import { Composer } from '../../../pane/composer.tsx';
import { visitor } from '../visitor.ts';
import { LazyMetrics } from './lazy-metrics.tsx';

const SHOWN = 6;

/** A room, and the server's feed, on the legacy client. */
export function LazyChat() {
  const [isListening, listen] = useState(true);
  const [lines, setLines] = useState<{ key: number; message: LazyMessage }[]>([]);
  const [parcels, setParcels] = useState(0);
  useEffect(() => {
    if (!isListening) return;
    const offs = [
      // biome-ignore lint/correctness/useHookAtTopLevel: it is called so, but is no hook and never was
      useRealtimeChannel('chat', {}, (message) =>
        setLines((before) => [
          ...before.slice(1 - SHOWN),
          { key: (before.at(-1)?.key ?? 0) + 1, message },
        ]),
      ),
      realtimeClient.subscribe('feed', {}, () => setParcels((before) => before + 1)),
    ];
    return () => {
      for (const off of offs) off();
    };
  }, [isListening]);
  return (
    <>
      <div className="part-line">
        <p className="legacy-line" data-testid="feed">
          {parcels} messages of the feed
        </p>
        <Switch on={isListening} onChange={listen}>
          Listen
        </Switch>
      </div>
      <LazyMetrics />
      <div className="part">
        <h3>Chat</h3>
        <Composer
          label="Send a message"
          submit="Send"
          onSubmit={(text) =>
            realtimeClient.send('chat', { type: 'message', text, from: visitor.name })
          }
        />
        <ol className="legacy-rows" aria-label="Chat">
          {lines.map(({ key, message }) => (
            <li key={key}>
              <span>
                <b>{String(message.from)}</b> {String(message.text)}
              </span>
            </li>
          ))}
        </ol>
      </div>
    </>
  );
}

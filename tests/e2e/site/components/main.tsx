/** A page with every component on it, in StrictMode; or, with `feed`, one long list and nothing else. */
import { Profiler, type ReactNode, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createRealtimeClient } from 'tidewire';
import {
  ActiveUsers,
  CallDuration,
  CallTracker,
  ConnectionIndicator,
  LiveBidding,
  LiveFeed,
  NotificationToast,
  OnlineStatus,
  RealtimeChart,
  TypingIndicator,
} from 'tidewire/components';
import 'tidewire/components.css';
import { RealtimeProvider, useTyping } from 'tidewire/react';

/** A row of the long list. */
export interface Entry {
  id: string;
  number: number;
  value: number;
}

/** What the page exposes to tests. */
export interface ComponentsPage {
  client: ReturnType<typeof createRealtimeClient>;
  /** How often the long list was rendered. */
  renders: number;
  /** Returns the times at which frames were shown within so many milliseconds. */
  countFrames(ms: number): Promise<number[]>;
}

const query = new URLSearchParams(location.search);
const parameter = (name: string): string => query.get(name) ?? '';
const client = createRealtimeClient({
  url: parameter('url'),
  getToken: () => query.get('token'),
  reconnect: { baseMs: 20, maxMs: 200 },
});
function countFrames(ms: number): Promise<number[]> {
  return new Promise((resolve) => {
    const frames: number[] = [];
    const count = (now: number): void => {
      frames.push(now);
      if (now - (frames[0] ?? now) < ms) requestAnimationFrame(count);
      else resolve(frames);
    };
    requestAnimationFrame(count);
  });
}

const page: ComponentsPage = { client, renders: 0, countFrames };
Object.assign(window, { page });

/** The stored rows of a channel with their position, from the reference server. */
const load = (channel: string) => async () => {
  const headers = { authorization: `Bearer ${parameter('token')}` };
  return (await fetch(`${parameter('tables')}/${encodeURIComponent(channel)}`, { headers })).json();
};

const user = parameter('user');

function Comment(): ReactNode {
  const { start, stop } = useTyping('room', user);
  return (
    <label>
      Comment <input onChange={start} onBlur={stop} />
    </label>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

const measure = ({ n }: { n: number }) => ({ number: n, square: (n * n) / 10 });
const SERIES = ['number', 'square'];

function All(): ReactNode {
  const [began] = useState(() => new Date(Date.now() - 65_000).toISOString());
  return (
    <>
      <h1>Components</h1>
      <p>
        <ConnectionIndicator /> <OnlineStatus /> <CallDuration call={{ started_at: began }} />
      </p>
      <div className="grid">
        <Part title="Calls">
          <CallTracker campaignId="1" load={load('calls:1')} currency="USD" />
        </Part>
        <Part title="Bids">
          <LiveBidding campaignId="1" bidderId={user} load={load('bids:1')} />
        </Part>
        <Part title="Feed">
          <LiveFeed channel="news" of="messages" event="chat" />
        </Part>
        <Part title="People">
          <ActiveUsers channel="room" me={{ name: user }} />
          <TypingIndicator channel="room" me={user} />
          <Comment />
        </Part>
        <Part title="Chart">
          <RealtimeChart
            channel="numbers"
            value={measure}
            series={SERIES}
            texts={{ label: 'Numbers' }}
          />
        </Part>
      </div>
      <NotificationToast userId={user} load={load(`notifications:${user}`)} durationMs={60_000} />
    </>
  );
}

function Feed(): ReactNode {
  return (
    <Profiler
      id="feed"
      onRender={() => {
        page.renders += 1;
      }}
    >
      <LiveFeed<Entry>
        channel={parameter('feed')}
        load={load(parameter('feed'))}
        newestFirst={false}
        renderItem={({ id, number, value }) => (
          <span data-id={id} data-value={value}>
            Entry {number}: {value}
          </span>
        )}
      />
    </Profiler>
  );
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <RealtimeProvider client={client}>{query.has('feed') ? <Feed /> : <All />}</RealtimeProvider>
  </StrictMode>,
);

/** The page's one client. Creating it loads nothing and connects nothing. */
import { createRealtimeClient } from 'tidewire';
import { fetchToken } from './token.ts';

/** The channel on which the server publishes about once a second. */
export const FEED = 'feed';

/** The channel of the send box. */
export const ROOM = 'room';

/** The client that every component of the page shares. */
export const client = createRealtimeClient({ getToken: fetchToken });

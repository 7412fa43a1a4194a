/** The page's one client. Making it loads nothing and connects nothing. */
import { createRealtimeClient } from 'tidewire';
import { record } from './journal.ts';
import { fetchToken, TOKEN_LIFE_S } from './token.ts';

/** The channel on which the server publishes about once a second. */
export const FEED = 'feed';

/** The channel of the send box. */
export const ROOM = 'room';

/** The client that every component of the page shares. */
export const client = createRealtimeClient({
  async getToken() {
    const token = await fetchToken();
    record('token', `Token fetched, valid for ${TOKEN_LIFE_S} s`);
    return token;
  },
});

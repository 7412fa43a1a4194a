/** The reference server's control endpoint, available only with `?control=PORT`. */

/** A control endpoint. */
export interface Control {
  /** Drops every connection without a close frame. */
  drop(): Promise<void>;
  /** Stops the server and starts it again, logs kept, after `downMs` milliseconds. */
  restart(downMs: number): Promise<void>;
  /** Makes the server treat a user's tokens as expired. */
  expireTokens(user: string): Promise<void>;
  /** Empties the log of a channel. */
  trim(channel: string): Promise<void>;
  /** Clears all faults. */
  clear(): Promise<void>;
}

function port(): number | undefined {
  const given = Number(new URLSearchParams(location.search).get('control'));
  return Number.isInteger(given) && given > 0 && given < 65_536 ? given : undefined;
}

function connect(base: string): Control {
  async function post(path: string, body: object): Promise<void> {
    const response = await fetch(`${base}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`The control endpoint answered ${response.status}.`);
  }
  return {
    drop: () => post('/faults', { connection: 'all', drop: true }),
    restart: (downMs) => post('/restart', { logs: 'keep', downMs }),
    expireTokens: (user) => post('/tokens/expire', { user }),
    trim: (channel) => post('/trim', { channel, keep: 0 }),
    clear: () => post('/faults', { connection: 'all', clear: true }),
  };
}

const found = port();

/** The control endpoint of `?control=PORT`, if there is one. */
export const control: Control | undefined =
  found === undefined ? undefined : connect(`http://127.0.0.1:${found}`);

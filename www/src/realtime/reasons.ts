/** Descriptions of the client's reason codes. */

const DESCRIPTIONS: Record<string, string> = {
  created: 'Nothing has requested a connection yet',
  demand: 'Something on the page needs a connection',
  no_demand: 'There are no subscribers any more, so the socket was closed',
  disconnect_called: 'The page called disconnect()',
  destroyed: 'The client was destroyed',
  hidden: 'The page has been hidden for a while',
  visible: 'The page is visible again',
  frozen: 'The browser froze the page',
  resumed: 'The page was resumed',
  offline: 'The browser reports no network',
  online: 'The network is back',
  opened: 'The socket is open; the token is being checked',
  authenticated: 'The server accepted the token',
  token_changed: 'A new token needs a new connection',
  retry: 'The wait is over; trying again',
  reconfigured: 'Options changed that need a new connection',
  connect_refused: 'The server could not be reached',
  connect_timeout: 'The server did not answer in time',
  connection_lost: 'The connection was cut',
  heartbeat_timeout: 'The server stopped answering',
  probe_timeout: 'The socket stopped working during the pause',
  token_failed: 'No token could be fetched',
  reauth_timeout: 'The server did not answer the new token',
  url_failed: 'There is no address to connect to',
  server_error: 'The server reported an error',
  auth_denied: 'The server rejected the token',
  forbidden: 'The server forbids this',
  gave_up: 'Every attempt failed',
  server_fatal: 'The server reported that retrying is pointless',
  engine_unavailable: 'The engine could not be loaded',
  engine_failed: 'The engine crashed',
};

/** Describes a reason; an unknown code stays as it is. */
export function describeReason(reason: string): string {
  return DESCRIPTIONS[reason] ?? reason;
}

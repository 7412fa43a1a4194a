/** The imports of apps. */

/** Sources of apps that use one entry of tidewire, by its name. */
export const ENTRIES: Record<string, string> = Object.fromEntries(
  [
    'tidewire',
    'tidewire/react',
    'tidewire/supabase',
    'tidewire/services',
    'tidewire/components',
    'tidewire/legacy',
    'tidewire/legacy/broadcast',
    'tidewire/legacy/core-realtime',
    'tidewire/legacy/interviews',
    'tidewire/legacy/lazy-client',
    'tidewire/legacy/supabase-hooks',
  ].map((entry) => [entry, `export * from '${entry}';`]),
);

/** Sources of apps that use another library, by its name. */
export const OTHER_LIBRARIES: Record<string, string> = {
  phoenix: `export { Socket, Presence } from 'phoenix';`,
  '@supabase/realtime-js': `export { RealtimeClient } from '@supabase/realtime-js';`,
  centrifuge: `export { Centrifuge } from 'centrifuge';`,
  'socket.io-client': `export { io } from 'socket.io-client';`,
  'pusher-js': `export { default } from 'pusher-js';`,
  partysocket: `export { WebSocket } from 'partysocket';`,
};

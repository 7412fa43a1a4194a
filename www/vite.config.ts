import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds the reference server. */
const server = process.env.TIDEWIRE_SERVER ?? 'http://127.0.0.1:4321';

export default defineConfig({
  // Relative, so that the built page can be served from any folder.
  base: './',
  plugins: [react()],
  build: { target: 'es2022' },
  server: {
    proxy: {
      '/api': server,
      '/demo': server,
      '/publish': server,
      '/tables': server,
      '/ws': { target: server, ws: true },
    },
  },
});

/** One of the two apps with the older hooks of interviews, by the page's query. */
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { begin } from './backend.js';

const client = await begin();
const app = new URLSearchParams(location.search).get('app');
const { App, page }: { App: () => ReactNode; page: object } =
  app === 'interviews' ? await import('./interviews.js') : await import('./broadcast.js');

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
Object.assign(window, { page: Object.assign(page, { client }) });

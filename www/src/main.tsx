import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/notices.css';
import './styles/layout.css';
import { App } from './app.tsx';
import { watchFootprint } from './realtime/footprint.ts';
import { watchSockets } from './realtime/sockets.ts';

// Before anything can connect or load, so that the independent counters record everything.
watchSockets();
watchFootprint();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

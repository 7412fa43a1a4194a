import { realtimeClient } from 'tidewire';

realtimeClient.configure({ url: new URLSearchParams(location.search).get('url') });
realtimeClient.subscribe('news', {}, (message) => {
  document.body.dataset.received = JSON.stringify(message);
});
realtimeClient.send('news', { from: document.title });

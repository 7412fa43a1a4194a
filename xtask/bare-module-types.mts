// Uses the types that `wasm-pack build` made, as an app would. Only compiled.
import init, { channelManager, type Collection, RealtimeClient, type RealtimeError, realtimeClient } from '../target/wasm-pack/tidewire.js';

await init();
interface Note { id: string; title: string }
const client = new RealtimeClient('wss://example.test/ws', { getToken: async () => 'token', reconnect: { baseMs: 20 } });
const notes: Collection<Note> = client.collection<Note>('notes', { load: async () => [], conflict: 'merge' });
notes.insert({ title: 'x' }).promise.then(({ row }) => row?.title);
const room = client.channel<{ text: string }>('room');
room.on('chat', ({ text }, { own }) => text.length + Number(own));
room.on('postgres_changes', { table: 'todos' }, (change) => change.eventType);
const sent = room.send('chat', { text: 'hi' });
const ack: boolean = (await sent).confirmed;
room.presence.on('join', (key, metas) => key.length + metas.length);
client.on('error', (error: RealtimeError) => error.hint);
client.subscribe<{ n: number }>('n', {}, ({ n }) => n);
const { confirmed } = await client.send('room', { text: 'x' }, { ack: true }).acked;
channelManager().getChannel({ name: 'x' }).on('t', ({ a }) => a);
realtimeClient().configure({ url: '/ws' });
// @ts-expect-error no such option
new RealtimeClient({ persistant: true });
// @ts-expect-error rows have a title
notes.insert({ titel: 'x' });
export { ack, confirmed };

/** Sends: serialised and named at the call, settled once, never an unhandled rejection. */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Kind, SEND_STATUSES, SendFlag } from '../../pkg-template/src/generated/engine.js';
import { type EngineDouble, engineError, freshPage, type Page, report } from './page.js';

let page: Page;
let client: ReturnType<Page['createRealtimeClient']>;

beforeEach(async () => {
  page = await freshPage();
  client = page.createRealtimeClient();
});

async function withEngine(): Promise<EngineDouble> {
  const started = page.double.nextEngine();
  client.subscribe('base', {});
  return started;
}

it('later changes to the message have no effect', async () => {
  const started = page.double.nextEngine();
  const message = { text: 'as it was' };
  client.send('a', message);
  message.text = 'changed';
  const engine = await started;
  expect(engine.of('send')[0]?.[2]).toBe('{"text":"as it was"}');
});

it('bytes are sent as they were at the call, a view as its part of the buffer', async () => {
  const engine = await withEngine();
  const bytes = Uint8Array.of(1, 2, 3, 4);
  client.send('a', bytes.buffer);
  client.send('a', bytes.subarray(1, 3));
  bytes.fill(0);
  const sent = engine
    .of('send')
    .map(([, , payload]) => [...new Uint8Array(payload as ArrayBuffer)]);
  expect(sent).toEqual([
    [1, 2, 3, 4],
    [2, 3],
  ]);
});

it('an id is made at the call, also where there is no randomUUID', async () => {
  const engine = await withEngine();
  const native = client.send('a', 1);
  const randomUUID = vi.spyOn(crypto, 'randomUUID').mockImplementation(undefined as never);
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
  const own = client.send('a', 2);
  delete (crypto as { randomUUID?: unknown }).randomUUID;
  randomUUID.mockRestore();
  expect(own.id).toMatch(/^[0-9a-f]{32}$/);
  expect(engine.of('send').map(([, , , id]) => id)).toEqual([native.id, own.id]);
});

it('has the statuses queued, sent, acked', async () => {
  const engine = await withEngine();
  const sent = client.send('a', 1, { event: 'chat', timeoutMs: 9, ttlMs: 50, ephemeral: true });
  expect(sent.status).toBe('queued');
  const [number, channel, text, id, event, flags, timeoutMs, ttlMs] = engine.of('send')[0] ?? [];
  const { Ephemeral } = SendFlag;
  expect([channel, text, id, event, flags]).toEqual(['a', '1', sent.id, 'chat', Ephemeral]);
  expect([timeoutMs, ttlMs]).toEqual([9, 50]);
  report(engine).send(number, 'sent');
  expect(sent.status).toBe('sent');
  report(engine).send(number, 'acked', { confirmed: true, seq: 7 });
  expect(sent.status).toBe('acked');
  await expect(sent.acked).resolves.toEqual({ confirmed: true, seq: 7 });
  report(engine).send(number, 'failed', engineError('ack_timeout'));
  expect(sent.status).toBe('acked');
});

describe('the messages of a task', () => {
  const methods = (engine: EngineDouble) =>
    engine.calls.map(([method]) => method).filter((method) => /send|poll|typing/.test(method));

  it('are sent together at its end', async () => {
    const engine = await withEngine();
    for (const message of [1, 2, 3]) client.send('a', message);
    expect(methods(engine)).toEqual(['send', 'send', 'send']);
    await Promise.resolve();
    expect(methods(engine)).toEqual(['send', 'send', 'send', 'poll']);
    client.send('a', 4);
    await Promise.resolve();
    expect(methods(engine).slice(4)).toEqual(['send', 'poll']);
  });

  it('keep their order to other calls', async () => {
    const engine = await withEngine();
    const { typing } = client.channel('a');
    client.send('a', 1);
    typing.start();
    client.send('a', 2);
    expect(methods(engine)).toEqual(['send', 'typing', 'send']);
  });

  it('are sent at once while the page is put away', async () => {
    const engine = await withEngine();
    addEventListener('pagehide', () => client.send('a', 1), { once: true });
    dispatchEvent(new Event('pagehide'));
    expect(methods(engine)).toEqual(['send', 'poll']);
  });

  it('have their new status from one report', async () => {
    const engine = await withEngine();
    const all = [1, 2].map((message) => client.send('a', message));
    const numbers = Uint32Array.from(engine.of('send'), ([number]) => number as number);
    engine.sink(Kind.Sends, SEND_STATUSES.indexOf('sent'), numbers);
    expect(all.map(({ status }) => status)).toEqual(['sent', 'sent']);
    engine.sink(Kind.Sends, SEND_STATUSES.indexOf('acked'), numbers);
    await expect(all[1]?.acked).resolves.toEqual({ confirmed: false });
    expect(all.map(({ status }) => status)).toEqual(['sent', 'sent']);
  });
});

it('a failure without a handler is not an unhandled rejection', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const engine = await withEngine();
  const sent = client.send('a', 1);
  report(engine).send(engine.of('send')[0]?.[0], 'failed', engineError('rejected'));
  client.connect();
  client.destroy();
  // Unhandled rejections are reported after the microtasks of a task.
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent.status).toBe('failed');
  await expect(sent.acked).rejects.toMatchObject({ code: 'rejected', hint: 'Do something.' });
  expect(unhandled).not.toHaveBeenCalled();
  process.off('unhandledRejection', unhandled);
});

describe('a signal', () => {
  it('that was aborted before aborts the message at once', async () => {
    const sent = client.send('a', 1, { signal: AbortSignal.abort() });
    await expect(sent.acked).rejects.toMatchObject({ code: 'aborted' });
    expect(client.state).toBe('idle');
  });

  it('removes the message from the queue while there is no engine', async () => {
    const control = new AbortController();
    const sent = client.send('a', 1, { signal: control.signal });
    control.abort();
    await expect(sent.acked).rejects.toMatchObject({ code: 'aborted' });
    expect(client.getSnapshot().queueDepth).toBe(0);
    expect((await withEngine()).of('send')).toHaveLength(0);
  });

  it('cancels it at the engine', async () => {
    const engine = await withEngine();
    const control = new AbortController();
    const sent = client.send('a', 1, { signal: control.signal });
    control.abort();
    const number = engine.of('send')[0]?.[0];
    expect(engine.of('cancel')).toEqual([[number]]);
    report(engine).send(number, 'failed', engineError('aborted'));
    expect(sent.status).toBe('failed');
  });

  it('has no listener once the message is settled', async () => {
    const engine = await withEngine();
    const control = new AbortController();
    const removed = vi.spyOn(control.signal, 'removeEventListener');
    client.send('a', 1, { signal: control.signal });
    report(engine).send(engine.of('send')[0]?.[0], 'acked');
    expect(removed).toHaveBeenCalledOnce();
    control.abort();
    expect(engine.of('cancel')).toHaveLength(0);
  });
});

describe('the queue before the engine', () => {
  it.each([
    ['messages', { maxMessages: 2 }],
    ['bytes', { maxBytes: 3 }],
  ])('is limited in %s, and drops nothing that was queued', async (_, queue) => {
    client.configure({ queue });
    const [one, two, three] = [client.send('a', 1), client.send('a', 22), client.send('a', 3)];
    await expect(three.acked).rejects.toMatchObject({ code: 'queue_full', channel: 'a' });
    expect([one.status, two.status, three.status]).toEqual(['queued', 'queued', 'failed']);
    expect(client.getSnapshot().queueDepth).toBe(2);
    expect((await withEngine()).of('send')).toHaveLength(2);
  });

  it.each([
    ['ASCII', 'abcd', 6],
    ['two bytes each', 'éü', 6],
    ['three bytes each', '€漢', 8],
    ['pairs', '👋', 6],
    ['what JSON escapes', '\n\ud800', 10],
  ])(
    'measures UTF-8 (%s), and rejects a message larger than the queue as too large',
    async (_, text, bytes) => {
      expect(Buffer.byteLength(JSON.stringify(text))).toBe(bytes);
      client.configure({ queue: { maxBytes: bytes - 1 } });
      await expect(client.send('a', text).acked).rejects.toMatchObject({
        code: 'message_too_large',
        retryable: false,
        channel: 'a',
      });
      client.configure({ queue: { maxBytes: bytes } });
      expect(client.send('a', text).status).toBe('queued');
      await expect(client.send('a', text).acked).rejects.toMatchObject({
        code: 'queue_full',
        retryable: true,
      });
    },
  );

  it('has the limits of the engine', async () => {
    const config = readFileSync('src/core/config.rs', 'utf8');
    const of = (name: string) => {
      const [, value, shift = '0'] =
        new RegExp(`${name}: ([\\d_]+)(?: << (\\d+))?,`).exec(config) ?? [];
      return Number(value?.replaceAll('_', '')) << Number(shift);
    };
    const largest = 'x'.repeat(of('queue_max_bytes') - 2);
    await expect(client.send('a', `${largest}x`).acked).rejects.toMatchObject({
      code: 'message_too_large',
    });
    expect(client.send('a', largest).status).toBe('queued');
    await expect(client.send('a', '').acked).rejects.toMatchObject({ code: 'queue_full' });
    const other = page.createRealtimeClient();
    const sends = Array.from({ length: of('queue_max_messages') }, () => other.send('a', 1));
    expect(sends.every(({ status }) => status === 'queued')).toBe(true);
    await expect(other.send('a', 1).acked).rejects.toMatchObject({ code: 'queue_full' });
    expect(readFileSync('pkg-template/src/options.ts', 'utf8')).toContain(
      `default ${of('max_frame_bytes').toLocaleString('en').replaceAll(',', ' ')}`,
    );
  });

  it('passes the time that a send has waited for the engine, which counts towards its timeouts', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValueOnce(100).mockReturnValue(400);
    client.send('a', 1, { timeoutMs: 1_000 });
    const engine = await withEngine();
    expect(engine.of('send')[0]?.slice(6, 9)).toEqual([1_000, undefined, 300]);
    now.mockRestore();
  });
});

describe('connect', () => {
  it('is settled when ready', async () => {
    const engine = await withEngine();
    const connected = client.connect();
    report(engine).state('connecting');
    report(engine).state('ready');
    await connected;
    await client.connect();
  });

  it('rejects with the error that ended it', async () => {
    const engine = await withEngine();
    const connected = client.connect();
    report(engine).state('failed', 'auth_denied', engineError('auth_denied'));
    await expect(connected).rejects.toMatchObject({ code: 'auth_denied' });
  });

  it('is rejected by disconnect and by destroy', async () => {
    await withEngine();
    const first = client.connect();
    client.disconnect();
    await expect(first).rejects.toMatchObject({ code: 'aborted' });
    const second = client.connect();
    client.destroy();
    await expect(second).rejects.toMatchObject({ code: 'destroyed' });
  });
});

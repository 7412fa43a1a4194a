import { expect, it } from 'vitest';
import type { Passed } from './tap.js';
import { transcribe } from './transcript.js';

const text = (direction: Passed['direction'], ...frame: unknown[]): Passed => ({
  direction,
  data: JSON.stringify(frame),
});

const exchange = (first: number, id: number, reference: string): Passed[] => [
  text('->', `${first}`, `${first}`, 't', 'phx_join', { b: 1, a: 2 }),
  text('->', null, `${first + 1}`, 'phoenix', 'heartbeat', {}),
  text('<-', `${first}`, `${first}`, 't', 'phx_reply', { response: { id } }),
  text('<-', null, null, 't', 'postgres_changes', { ids: [id] }),
  text('<-', null, null, 't', 'presence_diff', { joins: { k: { phx_ref: reference } } }),
];

it('two runs of one scenario are equal, whatever their references', () => {
  const lines = transcribe(exchange(1, 77, 'A'));
  expect(transcribe(exchange(40, 5, 'B'))).toEqual(lines);
  expect(lines).toEqual({
    '-> t': ['#1 #1 phx_join {"a":2,"b":1}'],
    '<- t': [
      '#1 #1 phx_reply {"response":{"id":#1}}',
      '- - postgres_changes {"ids":[#1]}',
      '- - presence_diff {"joins":{"k":{"phx_ref":#1}}}',
    ],
  });
});

it('another payload, another join or another order is a difference', () => {
  const [join, , reply] = exchange(1, 1, 'A') as [Passed, Passed, Passed];
  const push = text('->', '1', '3', 't', 'e', {});
  const run = transcribe([join, reply, push, join]);
  for (const other of [
    [join, reply, text('->', '1', '3', 't', 'e', { x: 1 }), join],
    [join, reply, text('->', '2', '3', 't', 'e', {}), join],
    [join, reply, join, push],
    [join, reply, push],
  ]) {
    expect(transcribe(other)).not.toEqual(run);
  }
});

it('binary frames are decoded by their kind, and broadcasts of JSON by their content', () => {
  const frame = (direction: Passed['direction'], hex: string): Passed => ({
    direction,
    data: Buffer.from(hex, 'hex'),
  });
  const lines = transcribe([
    frame('->', `03010101010001${Buffer.from('12tx{}').toString('hex')}`),
    frame('->', `03010101010000${Buffer.from('13tx').toString('hex')}07`),
    frame('<-', `0401010a01${Buffer.from('tx{"id":"7"}{}').toString('hex')}`),
    frame('<-', `0101010102${Buffer.from('12tok').toString('hex')}07`),
  ]);
  expect(lines).toEqual({
    '-> t': [
      '#1 #1 broadcast {"event":"x","payload":{},"type":"broadcast"}',
      '#1 #2 x {"data":"\\u0007","encoding":0,"kind":3}',
    ],
    '<- t': [
      '- - broadcast {"event":"x","meta":{"id":#1},"payload":{},"type":"broadcast"}',
      '#1 #1 ok {"data":"\\u0007","encoding":0,"kind":1}',
    ],
  });
});

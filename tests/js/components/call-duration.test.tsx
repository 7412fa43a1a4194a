/** CallDuration: the duration of a call, updated by one interval per page. */
import { StrictMode } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { type Components, freshComponents, mount, mountAt, pass, setHidden } from './stage.js';

let stage: Components;

beforeEach(async () => {
  stage = await freshComponents();
});

const NOON = '2026-01-01T12:00:00Z';
const at = (seconds: number): string => new Date(Date.parse(NOON) + seconds * 1_000).toISOString();

it('counts from the answer on, second by second, until the call has ended', async () => {
  const call = { started_at: at(-90), answered_at: at(-65) };
  const mounted = await mountAt(NOON, <stage.CallDuration call={call} />);
  expect(mounted.text).toBe('1:05');
  await pass(3_000);
  expect(mounted.text).toBe('1:08');
  expect(mounted.element.querySelector('time')?.dateTime).toBe('PT68S');
  await mounted.render(<stage.CallDuration call={{ ...call, ended_at: at(3) }} />);
  await pass(60_000);
  expect(mounted.text).toBe('1:08');
  expect(vi.getTimerCount()).toBe(0);
});

it('the server’s duration of an ended call takes precedence; an unknown duration is shown as such', async () => {
  const ended = { started_at: at(-90), ended_at: at(-10), duration_seconds: 3_700 };
  const mounted = await mountAt(NOON, <stage.CallDuration call={ended} />);
  expect(mounted.text).toBe('1:01:40');
  await mounted.render(<stage.CallDuration call={{}} unknown="not begun" />);
  expect(mounted.text).toBe('not begun');
});

it('a server whose clock is ahead causes no negative duration', async () => {
  const mounted = await mountAt(NOON, <stage.CallDuration call={{ started_at: at(30) }} />);
  expect(mounted.text).toBe('0:00');
});

it('a page has one interval for all durations, and none without them or while it is hidden', async () => {
  const page = (count: number) => (
    <StrictMode>
      {Array.from({ length: count }, (_, n) => `${n}`).map((n) => (
        <stage.CallDuration key={n} call={{ started_at: at(-1) }} />
      ))}
    </StrictMode>
  );
  const mounted = await mountAt(NOON, page(50));
  expect(vi.getTimerCount()).toBe(1);
  await setHidden(true);
  expect(vi.getTimerCount()).toBe(0);
  await pass(10_000);
  await setHidden(false);
  expect(vi.getTimerCount()).toBe(1);
  expect(mounted.text).toBe('0:11'.repeat(50));
  await mounted.render(page(0));
  expect(vi.getTimerCount()).toBe(0);
});

it('accepts another format, a class, attributes and a ref', async () => {
  const ref = vi.fn();
  const mounted = await mount(
    <stage.CallDuration
      call={{ duration_seconds: 61 }}
      format={{ duration: (seconds) => `${seconds} s` }}
      className="mine"
      title="duration"
      ref={ref}
    />,
  );
  const time = mounted.element.querySelector('time');
  expect(mounted.text).toBe('61 s');
  expect(time?.className).toBe('tw-call-duration mine');
  expect(time?.title).toBe('duration');
  expect(ref).toHaveBeenCalledWith(time);
});

/** Rows and presence of other users contain arbitrary values: components show them as text, or nothing. */
import { beforeEach, expect, it } from 'vitest';
import { type Components, freshComponents, mount } from './stage.js';

let stage: Components;

beforeEach(async () => {
  stage = await freshComponents();
});

const MARKUP = '<img src=x onerror="globalThis.ran = true"><script>globalThis.ran = true</script>';

/** Values that a row's fields do not have when the app wrote them. */
const FIELDS = [MARKUP, { toString: 1 }, [MARKUP], null, 5, true, 'javascript:alert(1)', '\u0000'];

it('markup in the fields of rows is shown as text', async () => {
  const fields = { title: MARKUP, message: MARKUP, name: MARKUP, caller_number: MARKUP };
  const items = [{ id: '1', bidder_id: MARKUP, amount: 5, status: MARKUP, ...fields }];
  const mounted = await mount(
    <>
      <stage.LiveFeed items={items} />
      <stage.CallTracker items={items as never} />
      <stage.LiveBidding items={items as never} />
      <stage.NotificationToast items={items as never} />
    </>,
  );
  expect(mounted.element.querySelector('img, script')).toBeNull();
  expect(mounted.text).toContain(MARKUP);
  expect((globalThis as { ran?: boolean }).ran).toBeUndefined();
});

it('fields of any type crash no component', async () => {
  for (const field of FIELDS) {
    const items = [
      {
        id: '1',
        ...{ title: field, message: field, name: field, status: field, type: field, read: field },
        ...{ created_at: field, updated_at: field, started_at: field, duration_seconds: field },
        ...{
          caller_number: field,
          payout: field,
          amount: field,
          currency: field,
          bidder_id: field,
        },
        ...{ priority: field, severity: field, buyer_name: field, url: field, href: field },
      },
    ];
    const mounted = await mount(
      <>
        <stage.LiveFeed items={items as never} />
        <stage.CallTracker items={items as never} />
        <stage.LiveBidding items={items as never} />
        <stage.NotificationToast items={items as never} />
        <stage.CallDuration call={items[0] as never} />
        <p>still here</p>
      </>,
    );
    expect(mounted.text, JSON.stringify(field)).toContain('still here');
    expect(mounted.element.querySelector('a[href^="javascript:"], img, script')).toBeNull();
    await mounted.unmount();
  }
});

/** The older hooks of interviews that follow rows, in Chromium, on both of the backends they can be on. */
import type { Browser } from '@playwright/test';
import type { InterviewsPage } from '../site/legacy/interviews.js';
import { interviewServer } from '../support/interview-tables.js';
import { type Backend, buildLegacyPage, LegacyTab } from '../support/legacy-page.js';
import type { ReferenceServer } from '../support/server.js';
import type { Site } from '../support/site.js';
import { expect, test } from '../support/test.js';
import { signToken } from '../support/tokens.js';

type Tab = LegacyTab<InterviewsPage>;

test.use({ serverOptions: interviewServer });

const CHANNEL = 'company-acme-project-p1';

const state = (tab: Tab) => tab.page.locator('#state');

/** Opens the app for somebody and waits until the project is live. */
async function open(
  browser: Browser,
  site: Site,
  server: ReferenceServer,
  user: string,
  backend: Backend = 'supabase',
): Promise<Tab> {
  const path = await buildLegacyPage('interviews');
  const tab: Tab = await LegacyTab.open(browser, { site, server, path }, { user, backend });
  await expect(state(tab)).toHaveText('connected');
  return tab;
}

/** Stores a row past the page. */
async function store(server: ReferenceServer, table: string, row: object, id?: string) {
  const answer = await fetch(`${server.origin}/rest/v1/${table}${id ? `?id=eq.${id}` : ''}`, {
    method: id ? 'PATCH' : 'POST',
    headers: {
      apikey: signToken({ role: 'service_role' }),
      'content-type': 'application/json',
      prefer: 'return=representation',
    },
    body: JSON.stringify(row),
  });
  const body = await answer.text();
  expect(answer.ok, body).toBe(true);
  return JSON.parse(body)[0] as { id: string };
}

for (const backend of ['supabase', 'native'] as const) {
  test(`${backend}: interviews, notes and replies of two people: live, at once, confirmed, taken back alone`, async ({
    browser,
    site,
    server,
  }) => {
    const ann = await open(browser, site, server, 'ann', backend);
    const bob = await open(browser, site, server, 'bob', backend);
    expect(await ann.ask(({ hooks }) => hooks.began)).toEqual({
      isLoading: true,
      isSubscribed: false,
    });
    // Shown before the server knows of it, and with its id afterwards.
    const id = await ann.ask(async ({ hooks }) => {
      const created = await hooks.project.createInterview({ title: 'First' });
      return created?.id ?? '';
    });
    expect(id).not.toMatch(/^tmp:/);
    for (const tab of [ann, bob]) {
      await expect.poll(() => tab.items('interviews')).toEqual(['First pending 0']);
      await tab.ask(({ show }, which) => show(which), id);
      await expect(tab.page.locator('h1')).toHaveText('First');
    }
    await ann.ask(({ hooks }, which) => hooks.project.updateStatus(which, 'completed'), id);
    await ann.ask(({ hooks }, which) => hooks.project.updateInterview(which, { title: 'One' }), id);
    await ann.ask(({ hooks }) => hooks.notes.createNote('Good point'));
    for (const tab of [ann, bob]) {
      await expect.poll(() => tab.items('interviews')).toEqual(['One completed 1']);
      await expect.poll(() => tab.items('notes')).toEqual(['Good point']);
    }
    const note = await bob.ask(({ hooks }) => hooks.detail.notes[0]?.id ?? '');
    await bob.ask(({ hooks }, which) => hooks.notes.addReply(which, 'Agreed'), note);
    await bob.ask(({ hooks }, which) => hooks.notes.createNote('Twice', which), note);
    for (const tab of [ann, bob]) {
      await expect.poll(() => tab.items('notes')).toEqual(['Good point > Agreed > Twice']);
    }
    await bob.ask(({ hooks }) =>
      hooks.notes.deleteReply(hooks.detail.notes[0]?.replies.at(-1)?.id ?? ''),
    );
    await ann.ask(({ hooks }, which) => hooks.notes.updateNote(which, 'Best point'), note);
    // A refusal takes back that change alone.
    const refused = await ann.ask(async ({ hooks }, which) => {
      const refused = hooks.notes.updateNote(which, 'forbidden');
      const shown = hooks.notes.createNote('Another');
      const outcome = await refused.then(
        () => 'stored',
        (error: Error) => error.message,
      );
      await shown;
      return outcome;
    }, note);
    expect(refused).toContain('forbidden');
    for (const tab of [ann, bob]) {
      await expect.poll(() => tab.items('notes')).toEqual(['Another', 'Best point > Agreed']);
      expect(await tab.ask(({ hooks }) => hooks.aliases)).not.toContain(false);
    }
    await bob.ask(({ hooks }, which) => hooks.notes.deleteNote(which), note);
    await expect.poll(() => ann.items('notes')).toEqual(['Another']);
    await ann.ask(({ hooks }, which) => hooks.project.deleteInterview(which), id);
    for (const tab of [ann, bob]) {
      await expect.poll(() => tab.items('interviews')).toEqual([]);
      await expect.poll(() => tab.items('notes')).toEqual([]);
      expect(tab.complaints).toEqual([]);
      await tab.close();
    }
  });

  test(`${backend}: who looks at an interview, in how many tabs ever`, async ({
    browser,
    site,
    server,
  }) => {
    const tabs = [
      await open(browser, site, server, 'ann', backend),
      await open(browser, site, server, 'bob', backend),
      await open(browser, site, server, 'bob', backend),
    ] as const;
    const [ann, bob, second] = tabs;
    for (const tab of tabs) await tab.ask(({ show }) => show('i1'));
    const both = ['ann ann@demo.test true', 'bob bob@demo.test true'];
    for (const tab of tabs) {
      await expect.poll(async () => (await tab.items('people')).sort()).toEqual(both);
    }
    await second.close();
    await ann.ask(({ hooks }) => hooks.first.trackPresence('i2', { userId: 'ann', desk: 4 }));
    await expect.poll(() => bob.items('people')).toEqual(['bob bob@demo.test true']);
    await expect
      .poll(() => bob.ask(({ hooks }) => hooks.first.presence.i2))
      .toEqual([{ userId: 'ann', desk: 4, onlineAt: expect.stringMatching(/^\d{4}-.*Z$/) }]);
    expect(await bob.ask(({ hooks }) => Object.keys(hooks.everybody).sort())).toEqual(['i1', 'i2']);
    await ann.ask(({ hooks }) => hooks.improved.untrackPresence());
    await expect.poll(() => bob.ask(({ hooks }) => Object.keys(hooks.everybody))).toEqual(['i1']);
    await bob.ask(({ show }) => show());
    await expect.poll(() => ann.ask(({ hooks }) => Object.keys(hooks.everybody))).toEqual([]);
    for (const tab of [ann, bob]) await tab.close();
  });
}

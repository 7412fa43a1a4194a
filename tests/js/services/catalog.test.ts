/** The six services: the places and policies of their rows, and their channels. */
import { beforeEach, expect, it } from 'vitest';
import type { CollectionOptions } from '../../../pkg-template/src/index.js';
import type { Place } from '../../../pkg-template/src/services/index.js';
import { freshServices, type ServicePage } from './service-page.js';

let page: ServicePage;
let places: Place[];

beforeEach(async () => {
  page = await freshServices();
  places = [];
});

/** The options of a service's rows for the id 7, in a line. */
function described(
  at: (of: number) => { channel: string; options: CollectionOptions<never> },
): string {
  const { channel, options } = at(7);
  const { path, table, filter, order } = places.pop() ?? ({} as Place);
  const { conflict, version, limit, sort } = options;
  const key = JSON.stringify(filter);
  const policy = { conflict, version, limit, sort: sort && 'sorted' };
  return `${channel} ${path} ${table} ${key} ${order} ${Object.values(policy).join()}`;
}

it('each list has its channel, path, table, filter, order and policy', () => {
  const source = (place: Place) => {
    places.push(place);
    return {};
  };
  const of = { source };
  const { interviews, notes, replies } = page.interviews(of);
  const { bills, engagement } = page.bills(of);
  const { comments, votes, experts, moderation } = page.community(of);
  const { notifications } = page.notifications(of);
  const { calls, campaigns } = page.calls(of);
  const { bids } = page.bids(of);
  const lists = [
    ...[interviews, notes, replies, bills, engagement, comments, votes, experts, moderation],
    ...[notifications, calls, campaigns, bids],
  ];
  expect(lists.map(({ at }) => described(at as never))).toEqual([
    'interviews:7 /projects/7/interviews interviews {"project_id":7} created_at merge,version,,sorted',
    'interview-notes:7 /interviews/7/notes interview_notes {"interview_id":7} created_at merge,version,,sorted',
    'interview-replies:7 /interviews/7/replies interview_note_replies {"interview_id":7} created_at merge,version,,sorted',
    'bills /bills bills {} created_at ,,,sorted',
    'bill-engagement /engagement bill_engagement {} undefined ,,,',
    'comments:7 /bills/7/comments comments {"bill_id":7} created_at merge,version,500,sorted',
    'votes:7 /bills/7/votes votes {"bill_id":7} undefined client-wins,,,',
    'experts /experts experts {} undefined ,,,',
    'moderation /moderation moderation {} created_at ,version,,sorted',
    'notifications:7 /users/7/notifications notifications {"user_id":7} created_at client-wins,,100,sorted',
    'calls:7 /campaigns/7/calls calls {"campaign_id":7} created_at ,,500,sorted',
    'campaigns /campaigns campaigns {} created_at ,,,sorted',
    'bids:7 /campaigns/7/bids bids {"campaign_id":7} created_at ,,500,sorted',
  ]);
});

it('each channel has its name', () => {
  const { interview, project } = page.interviews();
  const names = [interview, project, page.bills().bill, page.community().discussion];
  expect(names.map((open) => open(7).name)).toEqual([
    'interview:7',
    'project:7',
    'bill:7',
    'comments:7',
  ]);
});

it('without a source rows are neither loaded nor stored by the app', () => {
  page.bids().bids(7);
  page.notifications().notifications('ann');
  expect(page.engine.of('openCollection').map(([, , ...rest]) => rest)).toMatchObject([
    ['bids:7', {}, { loads: false, persists: false }],
    ['notifications:ann', {}, { loads: false, persists: false, limit: 100 }],
  ]);
});

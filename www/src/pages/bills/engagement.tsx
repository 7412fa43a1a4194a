import { useState } from 'react';
import { type EngagementCounts, engagementDelta } from 'tidewire/services';
import { Figures } from '../../pane/figures.tsx';

interface Props {
  counts: EngagementCounts;
}

const NAMES = {
  view_count: 'Views',
  save_count: 'Saves',
  comment_count: 'Comments',
  share_count: 'Shares',
} as const;

const number = new Intl.NumberFormat('en-GB');

/** A bill's engagement, and how it grew since the page was opened. */
export function Engagement({ counts }: Props) {
  const [first] = useState(counts);
  const delta = engagementDelta(first, counts);
  const figures = (Object.keys(NAMES) as (keyof typeof NAMES)[]).map((field) => ({
    name: NAMES[field],
    value: number.format(counts[field]),
    note: delta[field] > 0 ? `+${delta[field]}` : undefined,
  }));
  return <Figures label="Engagement" figures={figures} />;
}

import type { CollectionView } from 'tidewire/react';
import { type Choice, castVote, tally, type Vote as VoteRow } from 'tidewire/services';
import { count } from '../../components/format.ts';
import { useDemoSession } from '../../pane/use-demo-session.ts';
import type { Rollbacks } from '../../pane/use-rollbacks.ts';

interface Props {
  votes: CollectionView<VoteRow>;
  bill: string;
  watch: Rollbacks['watch'];
}

const CHOICES: readonly { choice: Choice; name: string }[] = [
  { choice: 'support', name: 'Support' },
  { choice: 'neutral', name: 'Neutral' },
  { choice: 'oppose', name: 'Oppose' },
];

/** The user's own vote, and the counts of all votes. */
export function Vote({ votes, bill, watch }: Props) {
  const { person } = useDemoSession();
  const own = votes.items.find(({ id }) => id === person.id)?.choice;
  const counts = tally(votes.items);
  return (
    <fieldset className="vote">
      <legend>Your vote, among {count(counts.total, 'vote')}</legend>
      <div className="vote-choices">
        {CHOICES.map(({ choice, name }) => (
          <button
            key={choice}
            type="button"
            className="button vote-choice"
            aria-pressed={own === choice}
            data-testid={`vote-${choice}`}
            data-count={counts[choice]}
            onClick={() => watch(castVote(votes, bill, person.id, choice), `the vote “${name}”`)}
          >
            {name} <b>{counts[choice]}</b>
            <span
              className="vote-share"
              aria-hidden="true"
              style={{ inlineSize: `${(100 * counts[choice]) / Math.max(1, counts.total)}%` }}
            />
          </button>
        ))}
      </div>
    </fieldset>
  );
}

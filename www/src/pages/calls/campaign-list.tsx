import type { CollectionView } from 'tidewire/react';
import { type Campaign, setCampaignStatus } from 'tidewire/services';
import { Link } from 'wouter';
import { count } from '../../components/format.ts';
import { Switch } from '../../components/switch.tsx';

interface Props {
  campaigns: CollectionView<Campaign>;
  chosen: string;
}

/** Links to the campaigns, each with a switch to pause it. */
export function CampaignList({ campaigns, chosen }: Props) {
  return (
    <ul className="campaigns" aria-label="Campaigns">
      {campaigns.items.map(({ id, name, status, calls_active: active, calls_total: total }) => (
        <li key={id} className="campaign" data-testid={`campaign-${id}`} data-status={status}>
          <Link
            href={`/calls/${id}`}
            className="campaign-link"
            aria-current={id === chosen ? 'true' : undefined}
          >
            {name}
          </Link>
          <p className="campaign-calls">
            <b>{active}</b> running, {count(total, 'call')} in all
          </p>
          <Switch
            on={status === 'active'}
            onChange={(on) => setCampaignStatus(campaigns, id, on ? 'active' : 'paused')}
          >
            Active<span className="visually-hidden"> {name}</span>
          </Switch>
        </li>
      ))}
    </ul>
  );
}

import { useCollection } from 'tidewire/react';
import { count } from '../../components/format.ts';
import { useCommunity } from './use-community.ts';

/** The experts, their subjects and their number of comments. */
export function Experts() {
  const service = useCommunity();
  const { items, isLoading } = useCollection(service.experts.at());
  return (
    <div className="part">
      <h3>Experts</h3>
      {items.length === 0 && <p className="empty">{isLoading ? 'Loading…' : 'None yet.'}</p>}
      <ul className="experts" data-testid="experts">
        {items.map(({ id, name, field, verified, contributions }) => (
          <li key={id}>
            <span>
              <b>{name}</b>, {field} {verified && <span className="tag">verified</span>}
            </span>
            <span className="expert-count">{count(contributions, 'contribution')}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

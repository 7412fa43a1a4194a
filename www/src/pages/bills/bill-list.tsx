import type { Bill } from 'tidewire/services';
import { Link } from 'wouter';
import { BillStatusTag } from './bill-status-tag.tsx';

interface Props {
  bills: readonly Bill[];
  chosen: string;
}

/** Links to the bills. */
export function BillList({ bills, chosen }: Props) {
  return (
    <nav aria-label="Bills">
      <ul className="bill-list">
        {bills.map(({ id, number, title, status }) => (
          <li key={id}>
            <Link
              href={`/bills/${id}`}
              className="bill-link"
              aria-current={id === chosen ? 'true' : undefined}
              data-testid={`bill-${id}`}
            >
              <span className="bill-number">{number}</span>
              <span className="bill-title">{title}</span>
              <BillStatusTag status={status} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

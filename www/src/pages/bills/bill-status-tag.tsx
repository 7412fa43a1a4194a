import type { BillStatus } from 'tidewire/services';

const TONES: Record<BillStatus, string> = {
  introduced: 'tone-rest',
  committee: 'tone-busy',
  floor: 'tone-busy',
  passed: 'tone-good',
  rejected: 'tone-bad',
  signed: 'tone-good',
};

interface Props {
  status: BillStatus;
}

/** A bill's status. */
export function BillStatusTag({ status }: Props) {
  return (
    <span className={`tag ${TONES[status]}`} data-status={status}>
      {status}
    </span>
  );
}

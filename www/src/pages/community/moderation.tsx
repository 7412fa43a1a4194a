import { useCollection } from 'tidewire/react';
import { openReports } from 'tidewire/services';
import { RollbackNotices } from '../../pane/rollback-notices.tsx';
import { useRollbacks } from '../../pane/use-rollbacks.ts';
import { ReportItem } from './report-item.tsx';
import { useCommunity } from './use-community.ts';

/** The reports that are not decided yet. */
export function Moderation() {
  const service = useCommunity();
  const moderation = useCollection(service.moderation.at());
  const { list, watch, dismiss } = useRollbacks();
  const open = openReports(moderation.items);
  return (
    <div className="part">
      <h3>Reports to decide</h3>
      <RollbackNotices list={list} dismiss={dismiss} />
      {open.length === 0 && (
        <p className="empty">{moderation.isLoading ? 'Loading…' : 'There are no open reports.'}</p>
      )}
      <ul className="reports" data-testid="reports">
        {open.map((report) => (
          <ReportItem key={report.id} report={report} moderation={moderation} watch={watch} />
        ))}
      </ul>
    </div>
  );
}

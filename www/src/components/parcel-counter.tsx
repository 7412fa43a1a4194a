import { type Run, useRun } from '../hooks/use-run.ts';
import { Switch } from './switch.tsx';

interface Props {
  listening: boolean;
  onChange(listening: boolean): void;
}

const STEPS = ['booked', 'picked up', 'sorted', 'on the road', 'delivered'];

/** Counts the same events by itself and checks that none is missing and none came twice. */
export function ParcelCounter({ listening, onChange }: Props) {
  const run = useRun(listening);
  const most = Math.max(1, ...Object.values(run.byStatus));
  return (
    <article className="card" aria-labelledby="counter-title" data-listening={listening}>
      <header className="card-head">
        <h3 id="counter-title">Counter</h3>
        <Switch on={listening} onChange={onChange} testId="switch-counter">
          Listen<span className="visually-hidden"> with the counter</span>
        </Switch>
      </header>
      <p className="tally">
        <b data-testid="counter">{run.received}</b>
        <span>events</span>
      </p>
      <p
        className={run.missing || run.repeated ? 'proof tone-bad' : 'proof'}
        data-testid="proof"
        data-missing={run.missing}
        data-repeated={run.repeated}
        data-recovered={run.recovered}
      >
        {proof(run)}
      </p>
      <dl className="steps">
        {STEPS.map((step) => (
          <div key={step}>
            <dt>{step}</dt>
            <dd>
              <span
                className="step-bar"
                style={{ inlineSize: `${((run.byStatus[step] ?? 0) / most) * 100}%` }}
              />
              <span className="step-count">{run.byStatus[step] ?? 0}</span>
            </dd>
          </div>
        ))}
      </dl>
    </article>
  );
}

function proof({ received, first, last, missing, repeated, recovered }: Run): string {
  if (received === 0) return 'Checks the position of every event.';
  if (first === undefined || last === undefined) return 'This server numbers nothing.';
  const none = missing === 0 && repeated === 0;
  const verdict = none ? 'none missing, none twice' : `${missing} missing, ${repeated} twice`;
  const late = recovered > 0 ? `; ${recovered} caught up after a break` : '';
  return `#${first} to #${last}: ${verdict}${late}.`;
}

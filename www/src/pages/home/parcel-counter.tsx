import { count } from '../../components/format.ts';
import { Switch } from '../../components/switch.tsx';
import { type Run, useRun } from '../../hooks/use-run.ts';

interface Props {
  listening: boolean;
  onChange(listening: boolean): void;
}

const STEPS = ['booked', 'picked up', 'sorted', 'on the road', 'delivered'];

/** Counts the same events independently and checks that none is missing or duplicated. */
export function ParcelCounter({ listening, onChange }: Props) {
  const run = useRun(listening);
  const missing = run.positions?.missing ?? 0;
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
        className={missing || run.repeated ? 'proof tone-bad' : 'proof'}
        data-testid="proof"
        data-missing={missing}
        data-repeated={run.repeated}
        data-recovered={run.recovered}
        data-gaps={run.gaps}
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

function proof({ received, repeated, recovered, gaps, positions }: Run): string {
  if (received === 0) return 'Checks that no event is missing or received twice.';
  const twice = repeated === 0 ? 'none twice' : `${repeated} twice`;
  const late = recovered > 0 ? `, ${recovered} caught up after a break` : '';
  const breaks = gaps > 0 ? ` Some may be missing from ${count(gaps, 'break')}.` : '';
  if (!positions) return `${capital(twice)}${late}.${breaks}`;
  const { first, last, missing } = positions;
  const lost = missing === 0 ? 'none missing' : `${missing} missing`;
  return `#${first} to #${last}: ${lost}, ${twice}${late}.${breaks}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

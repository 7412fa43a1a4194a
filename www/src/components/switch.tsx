import type { ReactNode } from 'react';

interface Props {
  on: boolean;
  onChange(on: boolean): void;
  children: ReactNode;
  testId?: string;
}

/** A switch with its label. */
export function Switch({ on, onChange, children, testId }: Props) {
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={on}
      data-testid={testId}
      onClick={() => onChange(!on)}
    >
      <span className="switch-track" aria-hidden="true" />
      <span>{children}</span>
    </button>
  );
}

import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  testId: string;
  /** Whether the fault is active. */
  active?: boolean;
  disabled?: boolean;
  onRun(): void;
  /** The effect, in a line. */
  children: ReactNode;
}

/** One fault control. */
export function FaultControl({
  title,
  testId,
  active = false,
  disabled = false,
  onRun,
  children,
}: Props) {
  const explanation = useId();
  return (
    <li className="fault-control" data-active={active}>
      <button
        type="button"
        className="button"
        data-testid={testId}
        disabled={disabled}
        aria-describedby={explanation}
        onClick={onRun}
      >
        {title}
      </button>
      <p id={explanation}>{children}</p>
    </li>
  );
}

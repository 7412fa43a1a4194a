import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  testId: string;
  /** Whether what the button does is in force now. */
  active?: boolean;
  disabled?: boolean;
  onRun(): void;
  /** What happens, in a line. */
  children: ReactNode;
}

/** One thing to try. */
export function Trial({ title, testId, active = false, disabled = false, onRun, children }: Props) {
  const explanation = useId();
  return (
    <li className="trial" data-active={active}>
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

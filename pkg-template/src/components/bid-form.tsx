import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';

/** The texts of the form of {@link LiveBidding}. */
export interface BidFormTexts {
  /** The label of the field. */
  field: string;
  /** The label of the button. */
  submit: string;
  /** The hint on the amount; without a bid there is no highest amount. */
  hint: (highest: string | undefined) => string;
  /** The input is not an amount. */
  invalid: string;
  /** The server rejected the bid. */
  rejected: (amount: string, error: Error) => string;
}

interface BidFormProps {
  place: (amount: number) => PromiseLike<unknown>;
  labels: BidFormTexts;
  highest: string | undefined;
  money: (amount: number) => string;
}

/** A form to place a bid, which shows the error if it is rejected. */
export function BidForm({ place, labels, highest, money }: BidFormProps): ReactNode {
  const [entered, setEntered] = useState('');
  const [errorText, setErrorText] = useState('');
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const isMounted = useRef(false);
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);

  const showRejection = (amount: number, error: unknown): void => {
    if (!isMounted.current) return;
    setErrorText(
      labels.rejected(money(amount), error instanceof Error ? error : Error(`${error}`)),
    );
    // Input entered meanwhile is not overwritten.
    setEntered((now) => now || `${amount}`);
    if (field.current?.form?.contains(document.activeElement)) field.current.focus();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const amount = Number(entered);
    if (!(amount > 0 && Number.isFinite(amount))) {
      setErrorText(labels.invalid);
      field.current?.focus();
      return;
    }
    setErrorText('');
    setEntered('');
    try {
      place(amount).then(undefined, (error) => showRejection(amount, error));
    } catch (error) {
      showRejection(amount, error);
    }
  };
  return (
    <form className="tw-bid-form" noValidate onSubmit={submit}>
      <label htmlFor={`${id}-field`}>{labels.field}</label>
      <input
        id={`${id}-field`}
        ref={field}
        type="number"
        inputMode="decimal"
        min="0"
        step="any"
        value={entered}
        onChange={({ target }) => setEntered(target.value)}
        aria-invalid={errorText !== ''}
        aria-describedby={`${id}-hint ${id}-error`}
      />
      <button type="submit">{labels.submit}</button>
      <p id={`${id}-hint`} className="tw-hint">
        {labels.hint(highest)}
      </p>
      <p id={`${id}-error`} className="tw-error" role="alert" hidden={!errorText}>
        {errorText}
      </p>
    </form>
  );
}

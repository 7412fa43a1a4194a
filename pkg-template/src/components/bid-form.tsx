import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';

/** What the form of {@link LiveBidding} says. */
export interface BidFormTexts {
  /** The field's name. */
  field: string;
  /** What the button does. */
  submit: string;
  /** What is to be offered; without a bid there is no highest amount. */
  hint: (highest: string | undefined) => string;
  /** What was entered is no amount. */
  invalid: string;
  /** The server refused it. */
  rejected: (amount: string, error: Error) => string;
}

interface BidFormProps {
  place: (amount: number) => PromiseLike<unknown>;
  say: BidFormTexts;
  highest: string | undefined;
  money: (amount: number) => string;
}

/** Where an amount is offered, and where it is said why it was not taken. */
export function BidForm({ place, say, highest, money }: BidFormProps): ReactNode {
  const [entered, setEntered] = useState('');
  const [complaint, setComplaint] = useState('');
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const isMounted = useRef(false);
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);

  const refuse = (amount: number, error: unknown): void => {
    if (!isMounted.current) return;
    setComplaint(say.rejected(money(amount), error instanceof Error ? error : Error(`${error}`)));
    // What is being entered meanwhile is not overwritten.
    setEntered((now) => now || `${amount}`);
    if (field.current?.form?.contains(document.activeElement)) field.current.focus();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const amount = Number(entered);
    if (!(amount > 0 && Number.isFinite(amount))) {
      setComplaint(say.invalid);
      field.current?.focus();
      return;
    }
    setComplaint('');
    setEntered('');
    try {
      place(amount).then(undefined, (error) => refuse(amount, error));
    } catch (error) {
      refuse(amount, error);
    }
  };
  return (
    <form className="tw-bid-form" noValidate onSubmit={submit}>
      <label htmlFor={`${id}-field`}>{say.field}</label>
      <input
        id={`${id}-field`}
        ref={field}
        type="number"
        inputMode="decimal"
        min="0"
        step="any"
        value={entered}
        onChange={({ target }) => setEntered(target.value)}
        aria-invalid={complaint !== ''}
        aria-describedby={`${id}-hint ${id}-complaint`}
      />
      <button type="submit">{say.submit}</button>
      <p id={`${id}-hint`} className="tw-hint">
        {say.hint(highest)}
      </p>
      <p id={`${id}-complaint`} className="tw-error" role="alert" hidden={!complaint}>
        {complaint}
      </p>
    </form>
  );
}

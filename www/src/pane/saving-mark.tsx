/** Marks a row that the server has not stored yet. */
export function SavingMark() {
  return (
    <span className="saving-mark" data-testid="saving">
      saving…
    </span>
  );
}

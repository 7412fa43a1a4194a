interface Props {
  who: readonly string[];
}

/** The other users who are typing. */
export function TypingLine({ who }: Props) {
  return (
    <p className="typing" role="status" data-testid="typing">
      {describeTyping(who)}
    </p>
  );
}

function describeTyping([first, second, ...others]: readonly string[]): string {
  if (first === undefined) return '';
  if (second === undefined) return `${first} is writing…`;
  if (others.length === 0) return `${first} and ${second} are writing…`;
  return `${first}, ${second} and ${others.length} more are writing…`;
}

import { timeOfDay } from '../components/format.ts';

interface Props {
  /** In ISO 8601; without a time nothing is shown. */
  at: string | null | undefined;
}

/** A time of day. */
export function When({ at }: Props) {
  if (!at) return null;
  return <time dateTime={at}>{timeOfDay(Date.parse(at))}</time>;
}

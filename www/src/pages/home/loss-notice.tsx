import { timeOfDay } from '../../components/format.ts';
import { useStore } from '../../hooks/use-store.ts';
import { type Loss, loss } from '../../realtime/notes.ts';

/** Shows which messages are lost, and when the notes were reloaded. */
export function LossNotice() {
  const lost = useStore(loss);
  return (
    <div role="status">
      {lost && (
        <div
          className="notice loss"
          data-testid="loss"
          data-from={lost.from}
          data-to={lost.to}
          data-reloaded={lost.reloadedAt !== null}
        >
          <p>{describeLoss(lost)}</p>
          <button type="button" className="button quiet" onClick={() => loss.set(null)}>
            Dismiss
          </button>
        </div>
      )}
    </div>
  );
}

function describeLoss({ from, to, reloadedAt }: Loss): string {
  const loaded =
    reloadedAt === null
      ? 'The notes are being loaded again…'
      : `The notes were loaded again from the server at ${timeOfDay(reloadedAt)}.`;
  return `${which(from, to)} ${loaded}`;
}

function which(from?: number, to?: number): string {
  if (from === undefined || to === undefined) return 'Messages about the notes may be lost.';
  return from === to
    ? `Message ${from} about the notes is lost.`
    : `Messages ${from}–${to} about the notes are lost.`;
}

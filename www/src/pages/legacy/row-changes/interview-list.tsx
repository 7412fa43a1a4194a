import { useInterviewsRealtime } from 'tidewire/legacy/interviews';

const PROJECT = '1';

/** The interviews of the project, and their status. */
export function InterviewList() {
  const { interviews, updateStatus } = useInterviewsRealtime(PROJECT, true);
  return (
    <div className="part">
      <h3>Interviews</h3>
      <ul className="legacy-rows" aria-label="Interviews">
        {interviews.slice(0, 5).map(({ id, title, status }) => (
          <li key={id}>
            <span>
              {title} <span className="tag">{status}</span>
            </span>
            <button
              type="button"
              className="button quiet"
              aria-label={`Process “${title}”`}
              disabled={status === 'processing'}
              onClick={() => void updateStatus(id, 'processing')}
            >
              Process
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

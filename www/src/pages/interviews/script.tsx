import type { ScriptItem } from 'tidewire/services';

interface Props {
  lines: readonly ScriptItem[];
}

const SPEAKERS = { question: 'Q', answer: 'A' } as const;
const CATEGORIES = { painpoint: 'pain point', needs: 'need' } as const;

/** The interview's transcript. */
export function Script({ lines }: Props) {
  return (
    <details className="script">
      <summary>Transcript</summary>
      <ol>
        {lines.map(({ id, speaker, category, cleaned_sentence: sentence }) => (
          <li key={id.join(' ')} data-speaker={speaker}>
            <abbr title={speaker}>{SPEAKERS[speaker]}</abbr> {sentence}{' '}
            {category && <span className="tag">{CATEGORIES[category]}</span>}
          </li>
        ))}
      </ol>
    </details>
  );
}

import type { Quality } from 'tidewire';

const BARS: Record<Quality, number> = { excellent: 3, good: 2, poor: 1, offline: 0 };

interface Props {
  quality: Quality;
}

/** The connection's quality, as bars and text. */
export function QualityBadge({ quality }: Props) {
  const filled = BARS[quality];
  return (
    <p className="quality" data-testid="quality" data-quality={quality}>
      <svg viewBox="0 0 18 14" aria-hidden="true" focusable="false">
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            x={bar * 6.5}
            y={9 - bar * 4.5}
            width="4.5"
            height={5 + bar * 4.5}
            rx="1"
            className={bar < filled ? 'on' : 'off'}
          />
        ))}
      </svg>
      <span>
        <span className="visually-hidden">Quality: </span>
        {quality === 'offline' ? 'no connection' : quality}
      </span>
    </p>
  );
}

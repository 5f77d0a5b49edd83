import { usePalette } from '../../app/preferences.js';
import { RESULT_NAMES, resultColour } from '../../charts/source-bars.js';
import { words } from '../../format/words.js';

/** What the colours of the bars mean. */
export function SourceLegend({ withUsual }: { readonly withUsual: boolean }) {
  const palette = usePalette();
  return (
    <>
      {RESULT_NAMES.map((result) => (
        <span key={result} className="kw-legend">
          <svg viewBox="0 0 9 9" width={9} height={9} aria-hidden>
            <rect width={9} height={9} rx={2} fill={resultColour(result, palette)} />
          </svg>
          {words(result)}
        </span>
      ))}
      {withUsual && (
        <span className="kw-legend">
          <svg viewBox="0 0 16 9" width={16} height={9} aria-hidden>
            <path d="M0 4.5h16" stroke={palette.text} strokeDasharray="3 2" />
          </svg>
          Usual at that time of the week
        </span>
      )}
    </>
  );
}

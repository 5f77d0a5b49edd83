import { useState, type ReactNode } from 'react';
import { formatCount } from '../format/number.js';

/** The first few of a list, and a button for the rest. */
export function ShowAll<Item>({
  items,
  first,
  noun,
  padded = false,
  children,
}: {
  readonly items: readonly Item[];
  readonly first: number;
  /** Many: `sentences`. */
  readonly noun: string;
  /** When the list reaches the border of its panel. */
  readonly padded?: boolean;
  readonly children: (shown: readonly Item[]) => ReactNode;
}) {
  const [all, setAll] = useState(false);
  return (
    <>
      {children(all ? items : items.slice(0, first))}
      {items.length > first && (
        <button
          type="button"
          className="kw-button-plain kw-small"
          style={padded ? { padding: '6px 14px 8px' } : { marginTop: 8 }}
          aria-expanded={all}
          onClick={() => {
            setAll(!all);
          }}
        >
          {all ? 'Show fewer' : `Show all ${formatCount(items.length)} ${noun}`}
        </button>
      )}
    </>
  );
}

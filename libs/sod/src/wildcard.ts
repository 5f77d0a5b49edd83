export type Matches = (text: string) => boolean;

/**
 * Compiles a pattern in which `*` stands for any run of characters, the empty one too. Case is ignored.
 * The literal pieces are looked for from left to right, each once: no pattern, however hostile, makes it backtrack.
 */
export function compileWildcard(pattern: string): Matches {
  const pieces = pattern.toLowerCase().split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return (text) => text.toLowerCase() === first;
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '');
  return (text) => {
    const lower = text.toLowerCase();
    const end = lower.length - last.length;
    if (end < first.length || !lower.startsWith(first) || !lower.endsWith(last)) return false;
    let from = first.length;
    for (const piece of middle) {
      const found = lower.indexOf(piece, from);
      if (found < 0 || found + piece.length > end) return false;
      from = found + piece.length;
    }
    return true;
  };
}

/** True when the pattern matches everything. */
export const matchesAnything = (pattern: string): boolean => /^\*+$/.test(pattern);

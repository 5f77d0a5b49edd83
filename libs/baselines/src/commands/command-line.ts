/** What is longer is cut: a pasted script is one command of this model, not ten thousand. */
const MAX_LENGTH = 2_000;
const MAX_PARTS = 8;

/**
 * The simple commands of a command line, without what only joins them: split at `|`, `||`, `&&`, `;`, `&` and line ends outside quotes and brackets.
 *
 * @returns at most 8, trimmed, none empty
 */
export function simpleCommands(line: string): readonly string[] {
  const text = line.length > MAX_LENGTH ? line.slice(0, MAX_LENGTH) : line;
  const parts: string[] = [];
  let quote = '';
  let depth = 0;
  let from = 0;
  const cut = (to: number): void => {
    const part = text.slice(from, to).trim();
    if (part !== '' && parts.length < MAX_PARTS) parts.push(part);
    from = to + 1;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') at += 1;
    else if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'" || character === '`') quote = character;
    else if (character === '(' || character === '{') depth += 1;
    else if (character === ')' || character === '}') depth = Math.max(0, depth - 1);
    else if (depth === 0 && isJoint(text, at)) cut(at);
  }
  cut(text.length);
  return parts;
}

/** `2>&1` and `&>` redirect and join nothing. */
function isJoint(text: string, at: number): boolean {
  const character = text.charAt(at);
  if (character === ';' || character === '|' || character === '\n') return true;
  return character === '&' && text.charAt(at - 1) !== '>' && text.charAt(at + 1) !== '>';
}

/** Words of a simple command, quotes taken off; at most 24. */
export function wordsOf(command: string): readonly string[] {
  const words: string[] = [];
  for (const match of command.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:[^\s"'\\]|\\.)+)/g)) {
    words.push(match[1] ?? match[2] ?? match[3] ?? '');
    if (words.length >= 24) break;
  }
  return words;
}

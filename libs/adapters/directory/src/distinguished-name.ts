/**
 * A distinguished name as one text for all ways to write it (RFC 4514): case of letters, spaces around separators and the form of escapes count for
 * nothing. Not for showing.
 */
export function canonicalDn(dn: string): string {
  return splitUnescaped(dn, [',', ';'])
    .map((relative) =>
      splitUnescaped(relative, ['+'])
        .map((pair) => {
          const equals = pair.indexOf('=');
          return equals === -1 ? plain(pair) : `${pair.slice(0, equals).trim().toLowerCase()}=${plain(pair.slice(equals + 1))}`;
        })
        .toSorted()
        .join('\u0001'),
    )
    .join('\u0000');
}

/** The value of the first part: what a group is called where it has no name of its own. */
export function firstValue(dn: string): string {
  const [first = ''] = splitUnescaped(dn, [',', ';']);
  return unescaped(first.slice(first.indexOf('=') + 1)).trim();
}

const plain = (value: string): string => unescaped(value.trim()).toLowerCase();

function splitUnescaped(text: string, separators: readonly string[]): string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (sign === '\\') {
      part += sign + (text[at + 1] ?? '');
      at += 1;
    } else if (separators.includes(sign)) {
      parts.push(part);
      part = '';
    } else part += sign;
  }
  return [...parts, part];
}

/** `\2C` and `\,` are both a comma; several `\XX` in a row are the bytes of UTF-8. */
function unescaped(text: string): string {
  return text
    .replace(/(?:\\[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('\\', ''), 'hex').toString('utf8'))
    .replace(/\\(.)/gs, '$1');
}

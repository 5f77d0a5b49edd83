/** @returns bytes of JSON text in UTF-8 */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // Half of a surrogate pair counts as two of its four bytes.
    if (code >= 0x80) bytes += code >= 0x800 && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/** @returns bytes that a text takes in JSON and UTF-8, quotes included, or more */
export function bytesAtMost(text: string): number {
  let bytes = 2;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    bytes += code >= 0x20 && code < 0x80 && code !== QUOTE && code !== BACKSLASH ? 1 : 6;
  }
  return bytes;
}
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

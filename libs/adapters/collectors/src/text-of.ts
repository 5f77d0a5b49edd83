const WINDOWS_1252 = new TextDecoder('windows-1252');
const BOM = '\ufeff';

/**
 * Text of a log line: UTF-8, or what is most likely where it is not: Windows-1252, which holds Latin-1. Without byte order mark, and without the line
 * ends and NUL bytes that senders put behind a message.
 *
 * @param isCut the last character may be there in part only
 */
export function textOf(bytes: Buffer, isCut = false): string {
  let text = bytes.toString('utf8');
  if (text.includes('\ufffd')) {
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut });
    } catch {
      text = WINDOWS_1252.decode(bytes);
    }
  }
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end -= 1;
  return text.slice(text.startsWith(BOM) ? 1 : 0, end);
}

const PAIR = /([A-Za-z_][\w.-]{0,63})=(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s;,"]*))/gs;

/**
 * `name="value";name2=value2, name3="with \"quotes\""`: pairs between spaces, commas or semicolons. The first of a repeated name counts.
 * An unclosed quote ends the pair at the next space. Linear: no part of the pattern can be read in two ways.
 */
export function readKeyValues(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [, key = '', quoted, bare = ''] of text.matchAll(PAIR)) {
    if (!Object.hasOwn(values, key)) values[key] = quoted === undefined ? bare : quoted.replace(/\\(["\\])/g, '$1');
  }
  return values;
}

/**
 * `Command=ls \; date;DstHost=db1.example.com;`: pairs that end with a semicolon, where `\;`, `\=` and `\\` are escapes and values hold spaces.
 */
export function readSemicolonPairs(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  let key: string | undefined;
  let part = '';
  const put = (): void => {
    const name = key?.trim();
    if (name && !Object.hasOwn(values, name)) values[name] = part.trim();
    key = undefined;
    part = '';
  };
  let copied = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\' && isEscapable(text[at + 1])) {
      part += text.slice(copied, at);
      at += 1;
      copied = at;
    } else if (char === ';') {
      part += text.slice(copied, at);
      copied = at + 1;
      put();
    } else if (char === '=' && key === undefined) {
      key = part + text.slice(copied, at);
      part = '';
      copied = at + 1;
    }
  }
  part += text.slice(copied);
  put();
  return values;
}

const isEscapable = (char: string | undefined): boolean => char === ';' || char === '=' || char === '\\';

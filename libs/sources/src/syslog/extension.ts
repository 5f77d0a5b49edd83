const SPACE = 0x20;
const MAX_KEY_LENGTH = 64;

/** Keys whose values are prose: an unknown `word=` inside them is part of the text. */
const PROSE = new Set(
  (
    'msg message Message reason Reason request requestContext rawEvent act cmd ExtraDetails cs1 cs2 cs3 cs4 cs5 cs6 flexString1 flexString2 ' +
    'deviceCustomString1 deviceCustomString2 deviceCustomString3 deviceCustomString4 deviceCustomString5 deviceCustomString6'
  ).split(' '),
);
/** The CEF key dictionary, and what several vendors add to it. */
const DICTIONARY = new Set(
  (
    'act app c6a1 c6a2 c6a3 c6a4 c6a1Label c6a2Label c6a3Label c6a4Label cat cfp1 cfp2 cfp3 cfp4 cfp1Label cfp2Label cfp3Label cfp4Label ' +
    'cn1 cn2 cn3 cn1Label cn2Label cn3Label cnt cs1 cs2 cs3 cs4 cs5 cs6 cs1Label cs2Label cs3Label cs4Label cs5Label cs6Label customerURI ' +
    'destinationDnsDomain destinationServiceName destinationTranslatedAddress destinationTranslatedPort deviceAction deviceCustomDate1 ' +
    'deviceCustomDate2 deviceCustomDate1Label deviceCustomDate2Label deviceDirection deviceDnsDomain deviceEventCategory deviceExternalId ' +
    'deviceFacility deviceInboundInterface deviceNtDomain deviceOutboundInterface devicePayloadId deviceProcessName deviceReceiptTime ' +
    'deviceTranslatedAddress deviceZoneURI dhost dlat dlong dmac dntdom dpid dpriv dproc dpt dst dtz duid duser dvc dvchost dvcmac dvcpid end ' +
    'eventId externalId fileCreateTime fileHash fileId fileModificationTime filePath filePermission fileType flexDate1 flexDate1Label ' +
    'flexNumber1 flexNumber2 flexNumber1Label flexNumber2Label flexString1 flexString2 flexString1Label flexString2Label fname fsize in msg ' +
    'oldFileCreateTime oldFileHash oldFileId oldFileModificationTime oldFileName oldFilePath oldFilePermission oldFileSize oldFileType out ' +
    'outcome proto rawEvent reason request requestClientApplication requestContext requestCookies requestMethod requestUrl rt shost slat slong ' +
    'smac sntdom sourceDnsDomain sourceServiceName sourceTranslatedAddress sourceTranslatedPort spid spriv sproc spt src start suid suser ' +
    'type usrName devTime devTimeFormat'
  ).split(' '),
);

/**
 * `key=value key2=value with spaces "quoted"` as CEF extensions write it. Values may hold spaces; `=` should be escaped and often isn't. So a
 * key is a word right before `=`, behind a space, outside quotes; inside prose (`msg`, `reason`, `cs1` ...) only a word of the CEF dictionary
 * that has not occurred yet begins the next value. Linear: every `=` costs at most 64 steps back.
 */
export function readExtension(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  let key: string | undefined;
  let valueFrom = 0;
  let quotedUntil = -1;
  let quotesClose = true;
  for (let equals = text.indexOf('='); equals >= 0; equals = text.indexOf('=', equals + 1)) {
    if (equals < quotedUntil || isEscaped(text, equals)) continue;
    const keyFrom = startOfKey(text, equals);
    if (keyFrom === undefined) continue;
    const name = text.slice(keyFrom, equals);
    if (key !== undefined && PROSE.has(key) && (!DICTIONARY.has(name) || Object.hasOwn(values, name))) continue;
    if (key !== undefined) put(values, key, text.slice(valueFrom, keyFrom));
    key = name;
    valueFrom = equals + 1;
    if (!quotesClose || text[valueFrom] !== '"') continue;
    quotedUntil = endOfQuotes(text, valueFrom);
    // What closes no quote from here on closes none later either: never look twice.
    quotesClose = quotedUntil >= 0;
  }
  if (key !== undefined) put(values, key, text.slice(valueFrom));
  return values;
}

function put(values: Record<string, string>, key: string, raw: string): void {
  if (!Object.hasOwn(values, key)) values[key] = unescapeValue(raw.trim(), PROSE.has(key));
}

/** @returns index of the first character of the word before `equals`, when a space or nothing is before that */
function startOfKey(text: string, equals: number): number | undefined {
  let from = equals;
  while (from > 0 && equals - from <= MAX_KEY_LENGTH && isKeyCode(text.charCodeAt(from - 1))) from -= 1;
  if (from === equals || equals - from > MAX_KEY_LENGTH) return undefined;
  return from === 0 || text.charCodeAt(from - 1) <= SPACE ? from : undefined;
}

const isKeyCode = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  code === 0x5f ||
  code === 0x2e ||
  code === 0x2d ||
  code === 0x5b ||
  code === 0x5d;

/** An odd number of backslashes before it. */
function isEscaped(text: string, index: number): boolean {
  let from = index;
  while (from > 0 && index - from < MAX_KEY_LENGTH && text[from - 1] === '\\') from -= 1;
  return (index - from) % 2 === 1;
}

/** A closing quote ends its value only when a space or the end follows. @returns its index, or -1 when the quotes never close */
function endOfQuotes(text: string, opening: number): number {
  for (let at = text.indexOf('"', opening + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    if (at + 1 >= text.length || text.charCodeAt(at + 1) <= SPACE) return at;
  }
  return -1;
}

/**
 * `\=`, `\|` and `\\` are undone everywhere; `\n` and `\r` only in prose, because vendors that don't escape write `Root\new` and `CORP\robert`.
 */
function unescapeValue(value: string, prose: boolean): string {
  const inner = value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  if (!inner.includes('\\')) return inner;
  return inner.replace(prose ? /\\([\\=|nr])/g : /\\([\\=|])/g, (_, escaped: string) =>
    escaped === 'n' ? '\n' : escaped === 'r' ? '\r' : escaped,
  );
}

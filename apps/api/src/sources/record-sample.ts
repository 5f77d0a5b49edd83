import type { RecordSample } from '@keyward/contract';
import { isoInstant } from '@keyward/events';

/** As the store gives it. */
export interface StoredSample {
  readonly message: string;
  /** Base64 of the record's beginning; its last bytes may be half a character. */
  readonly payload: string;
  readonly bytes: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch ms. */
  readonly at: number;
}

const MASK = '•••';

/** Names whose values are nobody's business. `sessionId` is none of them: it names a session and opens none. */
const SECRET_NAME = String.raw`[\w.-]*(?:passw(?:or)?d|pwd|passphrase|passcode|secret|api[_-]?key|access[_-]?key|private[_-]?key|token|authorization|credential|cookie|signature|assertion|otp|pin[_-]?code)[\w.-]*`;
/** First to last: what is found first is masked as a whole. */
const SECRETS: readonly (readonly [pattern: RegExp, mask: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
  // JSON, also inside of a JSON string, and an object's beginning stays: `"password":"x"`, `\"token\":\"x\"`.
  [new RegExp(String.raw`(\\*"${SECRET_NAME}\\*"\s*:\s*)(\\*")(?:\\.|[^"\\])*(?:\\*"|$)`, 'gi'), `$1$2${MASK}$2`],
  [new RegExp(String.raw`(\\*"${SECRET_NAME}\\*"\s*:\s*)-?\d[\d.]*`, 'gi'), `$1${MASK}`],
  // XML and key=value, as CEF, LEEF and logfmt have it.
  [new RegExp(String.raw`(<(${SECRET_NAME})(?:\s[^>]*)?>)[^<]*`, 'gi'), `$1${MASK}`],
  [new RegExp(String.raw`\b(${SECRET_NAME}\s*=\s*)(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s&;,|"']+)`, 'gi'), `$1${MASK}`],
  [/\b(Authorization\s*:\s*|Bearer\s+|Basic\s+)[\w.~+/=-]{8,}(?:\s+[\w.~+/=-]{8,})?/gi, `$1${MASK}`],
  // What is a secret by its form, whatever it is called: JWT, AWS, GitHub, Slack, Vault.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, MASK],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, MASK],
  [/\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[abprs]-[\w-]{10,}|hv[sb]\.[\w-]{20,}|kw_\w{20,})/g, MASK],
  [/(:\/\/[^\s:/@]*:)[^\s@/]+(?=@)/g, `$1${MASK}`],
];

/** @returns the text with what looks like a secret masked: enough stays to see which record it is and what is wrong with it */
export const maskSecrets = (text: string): string => SECRETS.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), text);

/** Nothing that moves a cursor, turns text around or hides it: control and format characters are shown as what they are. */
const UNSEEN = /[\p{Cc}\p{Cf}]/gu;
const visible = (text: string): string =>
  text.replace(UNSEEN, (character) =>
    character === '\n' || character === '\t' ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );

/** What a person may see of a record that came from outside. */
export function sampleOf({ message, payload, bytes, topic, partition, offset, at }: StoredSample): RecordSample {
  const head = Buffer.from(payload, 'base64');
  // A cut in the middle of a character leaves a replacement character at the end.
  const text = head.toString('utf8').replace(/\uFFFD{1,3}$/, head.length < bytes ? '' : '$&');
  return {
    at: isoInstant(at),
    text: visible(maskSecrets(text)),
    isCut: head.length < bytes,
    bytes,
    origin: `${topic}/${String(partition)}/${String(offset)}`,
    message: message === '' ? null : message,
  };
}

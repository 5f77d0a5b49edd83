import { readExtension } from './extension.js';

export interface CefMessage {
  readonly vendor: string;
  readonly product: string;
  readonly deviceVersion: string;
  /** Event class id: the vendor's code of the event. */
  readonly signatureId: string;
  readonly name: string;
  readonly severity: string;
  readonly extension: Readonly<Record<string, string>>;
}

const START = /^CEF:\s?\d{1,2}\|/;
const SEVERITY = /^\s*(?:\d{1,2}|Unknown|Low|Medium|High|Very-High|Info|Error|Critical)?\s*$/i;
/** Version, vendor, product, device version, signature id: none of them holds a pipe. */
const FIXED_FIELDS = 4;

/**
 * ArcSight Common Event Format: `CEF:0|vendor|product|version|code|name|severity|key=value ...`.
 * `\|` and `\\` are escapes in the header. A name with pipes that nobody escaped ends at the first pipe behind which a severity stands.
 *
 * @param body the syslog message without its header
 * @returns undefined when the text is no CEF
 */
export function readCef(body: string): CefMessage | undefined {
  const start = START.exec(body);
  if (!start) return undefined;
  const pipes = unescapedPipes(body, start[0].length);
  const field = (from: number, to: number | undefined): string =>
    body
      .slice(from, to)
      .replace(/\\([\\|])/g, '$1')
      .trim();
  if (pipes.length < FIXED_FIELDS + 1) return undefined;
  const [vendorEnd = 0, productEnd = 0, versionEnd = 0, codeEnd = 0] = pipes;
  let nameEnd = pipes[FIXED_FIELDS] ?? 0;
  let severityEnd = pipes[FIXED_FIELDS + 1] ?? body.length;
  for (let index = FIXED_FIELDS; index < pipes.length; index += 1) {
    const from = pipes[index] ?? 0;
    const to = pipes[index + 1] ?? body.length;
    if (to - from > 16 || !SEVERITY.test(body.slice(from + 1, to))) continue;
    nameEnd = from;
    severityEnd = to;
    break;
  }
  return {
    vendor: field(start[0].length, vendorEnd),
    product: field(vendorEnd + 1, productEnd),
    deviceVersion: field(productEnd + 1, versionEnd),
    signatureId: field(versionEnd + 1, codeEnd),
    name: field(codeEnd + 1, nameEnd),
    severity: field(nameEnd + 1, severityEnd),
    extension: readExtension(body.slice(severityEnd + 1)),
  };
}

/** The first pipes of the header. More than these can't belong to a name that anyone wrote. */
const MAX_PIPES = 32;

function unescapedPipes(text: string, from: number): readonly number[] {
  const found: number[] = [];
  let after = from;
  for (let pipe = text.indexOf('|', from); pipe >= 0 && found.length < MAX_PIPES; pipe = text.indexOf('|', pipe + 1)) {
    let backslashes = 0;
    while (pipe - backslashes > after && text[pipe - backslashes - 1] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) found.push(pipe);
    after = pipe + 1;
  }
  return found;
}

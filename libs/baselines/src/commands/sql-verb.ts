const PART = String.raw`(?:[\w$#]+|"[^"]+"|\[[^\]]+\]|` + '`[^`]+`)';
/** `hr.pay`, `"HR"."Pay"`, `[dbo].[Pay]`. */
const OBJECT = String.raw`${PART}(?:\.${PART})*`;
const PATTERNS: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [new RegExp(String.raw`^(?:with\b.*?\)\s*)?select\b.*?\bfrom\s+(${OBJECT})`, 'is'), (found) => `select ${name(found[1])}`],
  [new RegExp(String.raw`^insert\s+into\s+(${OBJECT})`, 'i'), (found) => `insert ${name(found[1])}`],
  [new RegExp(String.raw`^update\s+(${OBJECT})\s+set\b`, 'i'), (found) => `update ${name(found[1])}`],
  [new RegExp(String.raw`^delete\s+from\s+(${OBJECT})`, 'i'), (found) => `delete ${name(found[1])}`],
  [new RegExp(String.raw`^merge\s+into\s+(${OBJECT})`, 'i'), (found) => `merge ${name(found[1])}`],
  [
    /^(create|drop|alter|truncate)\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(table|user|role|login|database|schema|index|view|function|procedure|trigger)\b/i,
    (found) => `${lower(found[1])} ${lower(found[2])}`,
  ],
  [/^(grant|revoke)\s+.+\s(?:to|from)\s/is, (found) => `${lower(found[1])} sql`],
  [/^select\s/i, () => 'select'],
];

/**
 * A statement by what it does to what: `select customers`, `drop table`.
 *
 * @returns undefined when the text is no SQL statement
 */
export function sqlVerb(command: string): string | undefined {
  if (!/^(?:select|with|insert|update|delete|merge|create|drop|alter|truncate|grant|revoke)\s/i.test(command)) return undefined;
  for (const [pattern, verb] of PATTERNS) {
    const found = pattern.exec(command);
    if (found) return verb(found);
  }
  return undefined;
}

const lower = (word: string | undefined): string => (word ?? '').toLowerCase();
/** `"HR"."Salaries"` is `hr.salaries`. */
const name = (written: string | undefined): string => lower(written).replace(/["[\]`]/g, '');

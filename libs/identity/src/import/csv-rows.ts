export interface CsvRow {
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}
export interface CsvProblem {
  readonly line: number;
  readonly message: string;
}

/** What spreadsheets of different countries put between cells. */
const SEPARATORS = [',', ';', '\t', '|'] as const;

/**
 * Reads CSV as RFC 4180 has it: quoted cells may hold separators, line breaks and doubled quotes. The separator is the one of `, ; tab |` that the
 * first line has most of, outside quotes. Empty lines are left out.
 */
export function readCsv(text: string): { readonly rows: readonly CsvRow[]; readonly problems: readonly CsvProblem[] } {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const separator = separatorOf(body);
  const rows: CsvRow[] = [];
  const problems: CsvProblem[] = [];
  let line = 1;
  let at = 0;
  while (at < body.length) {
    const begin = line;
    const cells: string[] = [];
    for (;;) {
      const cell = readCell(body, at, separator);
      line += cell.breaks;
      if (cell.problem !== undefined) problems.push({ line: begin, message: cell.problem });
      cells.push(cell.text);
      at = cell.end;
      if (body[at] !== separator) break;
      at += 1;
    }
    if (body[at] === '\r') at += 1;
    if (body[at] === '\n') at += 1;
    line += 1;
    if (cells.some((cell) => cell.trim() !== '')) rows.push({ line: begin, cells });
  }
  return { rows, problems };
}

interface Cell {
  readonly text: string;
  /** Where the separator, the line break or the end is. */
  readonly end: number;
  /** Line breaks within it. */
  readonly breaks: number;
  readonly problem?: string;
}

function readCell(text: string, from: number, separator: string): Cell {
  if (text[from] !== '"') {
    const end = endOfCell(text, from, separator);
    return { text: text.slice(from, end), end, breaks: 0 };
  }
  let content = '';
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return { text: content, end: text.length, breaks: 0, problem: 'a quotation mark is opened and never closed' };
    content += text.slice(at, quote);
    at = quote + 1;
    if (text[at] !== '"') break;
    content += '"';
    at += 1;
  }
  const end = endOfCell(text, at, separator);
  const after = text.slice(at, end).trim();
  const breaks = content.split('\n').length - 1;
  return {
    text: content,
    end,
    breaks,
    ...(after === '' ? {} : { problem: `"${after}" stands after the closing quotation mark of a cell` }),
  };
}

function endOfCell(text: string, from: number, separator: string): number {
  for (let at = from; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === separator || sign === '\n' || (sign === '\r' && (text[at + 1] === '\n' || at + 1 === text.length))) return at;
  }
  return text.length;
}

function separatorOf(text: string): string {
  const counts = new Map<string, number>(SEPARATORS.map((sign) => [sign, 0]));
  let isQuoted = false;
  for (const sign of text) {
    if (sign === '"') isQuoted = !isQuoted;
    else if (sign === '\n' && !isQuoted) break;
    else if (!isQuoted && counts.has(sign)) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  }
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

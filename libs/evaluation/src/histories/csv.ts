/**
 * The fields of one CSV line (RFC 4180, no line feed within a field).
 *
 * @returns fields without their quotes; a lone quote within a field is taken as it is
 */
export function csvFields(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',');
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] === '"') {
      let text = '';
      at += 1;
      for (; at < line.length; at += 1) {
        if (line[at] !== '"') text += line[at] ?? '';
        else if (line[at + 1] === '"') {
          text += '"';
          at += 1;
        } else break;
      }
      fields.push(text);
      at = line.indexOf(',', at);
      if (at === -1) break;
      at += 1;
    } else {
      const end = line.indexOf(',', at);
      fields.push(line.slice(at, end === -1 ? line.length : end));
      if (end === -1) break;
      at = end + 1;
    }
  }
  return fields;
}

/** Reads fields by the names of a header line, whatever their order. */
export class CsvHeader {
  readonly #columns: ReadonlyMap<string, number>;
  constructor(line: string) {
    this.#columns = new Map(csvFields(line.replace(/^\ufeff/, '').trim()).map((name, index) => [name.trim().toLowerCase(), index]));
  }
  has(name: string): boolean {
    return this.#columns.has(name.toLowerCase());
  }
  /** @returns the field, or undefined when the column is not there or the field is empty */
  field(fields: readonly string[], name: string): string | undefined {
    const index = this.#columns.get(name.toLowerCase());
    const value = index === undefined ? undefined : fields[index]?.trim();
    return value === '' ? undefined : value;
  }
}

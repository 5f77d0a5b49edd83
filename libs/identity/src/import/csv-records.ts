import { readCsv, type CsvProblem } from './csv-rows.js';

/** Files of the context that may be CSV; the others are nested too deeply for a table. */
export const CSV_FILES = ['identities', 'assets', 'groups', 'roles', 'tickets', 'accounts'] as const;
export type CsvFile = (typeof CSV_FILES)[number];

/** Fields that a column goes to by its header, in any case and without spaces and signs. */
const FIELDS: Readonly<Record<CsvFile, readonly string[]>> = {
  identities: [
    'id displayName email department team manager title kind privileged criticality owner timezone status startsAt endsAt groups eligibleRoles',
    'accounts employeeId upn home.lat home.lon home.city home.country',
  ],
  assets: ['id host names addresses criticality accounts requiresRole'],
  groups: ['group memberOf system'],
  roles: ['role approvalRequired maxHours'],
  tickets: ['id kind opened start end team owner summary'],
  accounts: [
    'system name id upn email emails employeeId displayName department team title manager dn kind privileged timezone active since startsAt endsAt',
    'groups',
  ],
};
/** What directories and HR systems call them. */
const ALIASES: Readonly<Record<string, string>> = {
  mail: 'email',
  emailaddress: 'email',
  primaryemail: 'email',
  workemail: 'email',
  employeenumber: 'employeeId',
  employeeno: 'employeeId',
  personnelnumber: 'employeeId',
  userprincipalname: 'upn',
  samaccountname: 'name',
  username: 'name',
  login: 'name',
  uid: 'name',
  objectid: 'id',
  objectguid: 'id',
  fullname: 'displayName',
  cn: 'displayName',
  jobtitle: 'title',
  accountenabled: 'active',
  enabled: 'active',
  hiredate: 'startsAt',
  startdate: 'startsAt',
  enddate: 'endsAt',
  terminationdate: 'endsAt',
  distinguishedname: 'dn',
  memberof: 'groups',
};
const LISTS: ReadonlySet<string> = new Set(['groups', 'eligibleRoles', 'emails', 'names', 'addresses', 'memberOf', 'accounts']);
const FLAGS: ReadonlySet<string> = new Set(['privileged', 'active', 'approvalRequired']);
const NUMBERS: ReadonlySet<string> = new Set(['maxHours', 'home.lat', 'home.lon']);
const YES: ReadonlySet<string> = new Set(['true', 'yes', 'y', '1', 'active', 'enabled', 'on', 'x']);
const NO: ReadonlySet<string> = new Set(['false', 'no', 'n', '0', 'inactive', 'disabled', 'off', 'terminated']);
const GONE: ReadonlySet<string> = new Set([...NO, 'left', 'leaver']);

export interface CsvAsNdjson {
  /** One JSON object a row, on the line on which the row begins: what is wrong with it is said with the line of the CSV. */
  readonly text: string;
  readonly problems: readonly CsvProblem[];
  /** Where each column went, by its header. */
  readonly columns: ReadonlyMap<string, string>;
}

/**
 * A table as lines of the context. The first line has the headers. A cell of a list has its items between `;` or `|`; an account of an identity is
 * `<system>:<name>`, of an asset `<name>@<vault>` or `<name>`. An empty cell says nothing. A column that is no field is kept under its header.
 *
 * @param mapping header to field, before what the header itself says; an empty field leaves the column out
 */
export function ndjsonOfCsv(file: CsvFile, text: string, mapping: Readonly<Record<string, string>> = {}): CsvAsNdjson {
  const { rows, problems } = readCsv(text);
  const [head, ...body] = rows;
  if (!head) return { text: '', problems: [{ line: 1, message: 'the first line has no headers' }], columns: new Map() };
  const headers = head.cells.map((cell) => cell.trim());
  const fields = headers.map((header) => fieldOf(file, header, mapping));
  const found = [...problems, ...headProblems(headers, fields, mapping)];
  const lines: string[] = [];
  for (const { line, cells } of body) {
    if (cells.length > headers.length) found.push({ line, message: `has ${cells.length} cells, the headers are ${headers.length}` });
    const record: Record<string, unknown> = {};
    for (const [column, field] of fields.entries()) {
      const cell = cells[column]?.trim() ?? '';
      if (field === '' || cell === '') continue;
      const value = valueOf(file, field, cell);
      if (value === undefined) found.push({ line, message: `${headers[column] ?? field}: "${cell}" is not what ${field} takes` });
      else put(record, field, value);
    }
    while (lines.length < line - 1) lines.push('');
    lines.push(JSON.stringify(record));
  }
  return { text: lines.join('\n'), problems: found, columns: new Map(headers.map((header, index) => [header, fields[index] ?? ''])) };
}

function fieldOf(file: CsvFile, header: string, mapping: Readonly<Record<string, string>>): string {
  const chosen = Object.entries(mapping).find(([name]) => name.toLowerCase() === header.toLowerCase());
  if (chosen) return chosen[1];
  const plain = header.toLowerCase().replace(/[^a-z0-9.]/g, '');
  const own = FIELDS[file].join(' ').split(' ');
  const field = own.find((name) => name.toLowerCase() === plain);
  if (field !== undefined) return field;
  const alias = ALIASES[plain];
  return alias !== undefined && own.includes(alias) ? alias : header;
}

function headProblems(headers: readonly string[], fields: readonly string[], mapping: Readonly<Record<string, string>>): CsvProblem[] {
  const twice = fields.filter((field, index) => field !== '' && fields.indexOf(field) !== index);
  const missing = Object.keys(mapping).filter((name) => !headers.some((header) => header.toLowerCase() === name.toLowerCase()));
  return [
    ...[...new Set(twice)].map((field) => ({
      line: 1,
      message: `two columns are ${field}: ${headers.filter((_, at) => fields[at] === field).join(', ')}`,
    })),
    ...missing.map((name) => ({ line: 1, message: `there is no column "${name}"` })),
  ];
}

function valueOf(file: CsvFile, field: string, cell: string): unknown {
  if (field === 'accounts') return accountsOf(file, cell);
  if (LISTS.has(field)) return itemsOf(cell);
  if (FLAGS.has(field)) return YES.has(cell.toLowerCase()) ? true : NO.has(cell.toLowerCase()) ? false : undefined;
  if (field === 'status') return YES.has(cell.toLowerCase()) ? 'active' : GONE.has(cell.toLowerCase()) ? 'terminated' : undefined;
  if (!NUMBERS.has(field)) return cell;
  const number = Number(cell.replace(',', '.'));
  return Number.isFinite(number) ? number : undefined;
}

const itemsOf = (cell: string): string[] =>
  cell
    .split(/[;|]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');

function accountsOf(file: CsvFile, cell: string): unknown {
  const accounts = itemsOf(cell).map((item) => {
    if (file === 'assets') {
      const at = item.lastIndexOf('@');
      return at > 0 ? { name: item.slice(0, at), vault: item.slice(at + 1) } : { name: item };
    }
    const colon = item.indexOf(':');
    return colon > 0 && colon < item.length - 1 ? { system: item.slice(0, colon).trim(), name: item.slice(colon + 1).trim() } : undefined;
  });
  return accounts.includes(undefined) ? undefined : accounts;
}

/** `home.lat` goes into `home`. */
function put(record: Record<string, unknown>, field: string, value: unknown): void {
  const dot = field.startsWith('home.') ? field.indexOf('.') : -1;
  if (dot === -1) {
    record[field] = value;
    return;
  }
  const outer = field.slice(0, dot);
  const inner: unknown = record[outer];
  record[outer] = { ...(typeof inner === 'object' ? inner : {}), [field.slice(dot + 1)]: value };
}

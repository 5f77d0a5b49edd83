/** Sections of a rendered message, and the prefix under which their fields stand in the event's data. */
const SECTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    subject: 'subject',
    'new logon': 'target',
    'account for which logon failed': 'target',
    'account whose credentials were used': 'target',
    'target account': 'target',
    'new account': 'target',
    'account that was locked out': 'target',
    'account information': 'target',
    'new computer account': 'target',
    user: 'target',
    group: 'target',
    'new group': 'target',
    'deleted group': 'target',
    member: 'member',
    'target server': 'server',
    'network information': 'network',
    'additional information': 'network',
    'logon information': 'logon',
    'failure information': 'failure',
    'detailed authentication information': 'auth',
    'service information': 'service',
  }),
);

const FIELDS: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    'subject security id': 'subjectusersid',
    'subject account name': 'subjectusername',
    'subject account domain': 'subjectdomainname',
    'subject logon id': 'subjectlogonid',
    'target security id': 'targetusersid',
    'target account name': 'targetusername',
    'target account domain': 'targetdomainname',
    'target supplied realm name': 'targetdomainname',
    'target user id': 'targetusersid',
    'target logon id': 'targetlogonid',
    'target logon guid': 'targetlogonguid',
    'target group name': 'targetusername',
    'target group domain': 'targetdomainname',
    'member security id': 'membersid',
    'member account name': 'membername',
    'server target server name': 'targetservername',
    'network workstation name': 'workstationname',
    'network source network address': 'ipaddress',
    'network network address': 'ipaddress',
    'network client address': 'ipaddress',
    'network client port': 'ipport',
    'network port': 'ipport',
    'network source port': 'ipport',
    'network caller computer name': 'targetdomainname',
    'network result code': 'status',
    'network failure code': 'status',
    'network client name': 'clientname',
    'failure status': 'status',
    'failure sub status': 'substatus',
    'failure failure reason': 'failurereason',
    'auth logon process': 'logonprocessname',
    'auth authentication package': 'authenticationpackagename',
    'logon logon type': 'logontype',
    'service service name': 'servicename',
    ' logon type': 'logontype',
    ' logon account': 'targetusername',
    ' source workstation': 'workstation',
    ' error code': 'status',
    ' result code': 'status',
  }),
);

/** `\tAccount Name:\t\tanna`, also with blanks where a sender made the tabs blanks. */
const LINE = /^[ \t]*([A-Za-z][A-Za-z ()/]{1,60}?):[ \t]*(.*)$/;

/**
 * The fields of an English rendered message (`Message`, Snare): `Subject:`, then `Account Name:` on lines of their own. What comes first counts.
 *
 * @returns names as in the event's own data, lower case
 */
export function fieldsOfMessage(message: string): Record<string, string> {
  const fields: Record<string, string> = {};
  let section = '';
  for (const [label, value] of message.includes('\n') ? pairsOfLines(message) : pairsOfOneLine(message)) {
    if (value === '') {
      section = SECTIONS.get(label) ?? '';
      continue;
    }
    const name = FIELDS.get(`${section} ${label}`) ?? FIELDS.get(` ${label}`);
    if (name !== undefined && !Object.hasOwn(fields, name)) fields[name] = value;
  }
  return fields;
}

const MAX_LINES = 200;

function* pairsOfLines(message: string): Generator<readonly [string, string]> {
  for (const line of message.split(/\r?\n/, MAX_LINES)) {
    const match = LINE.exec(line);
    if (match) yield [(match[1] ?? '').trim().toLowerCase(), (match[2] ?? '').trim()];
  }
}

/** Labels of sections and of fields, longest first: `Source Network Address` before `Network Address`. */
const LABELS = [...SECTIONS.keys(), ...[...FIELDS.keys()].map((field) => field.slice(field.indexOf(' ') + 1))]
  .filter((label, index, all) => all.indexOf(label) === index)
  .toSorted((a, b) => b.length - a.length);
const ONE_LINE = new RegExp(
  String.raw`(?<![A-Za-z])(${LABELS.join('|')}|logon guid|key length|process id|process name|transited services|package name \(ntlm only\)|linked logon id|virtual account|elevated token|restricted admin mode|impersonation level|caller process id|caller process name|process information):`,
  'gi',
);

/** Snare and others put the whole message on one line, with blanks where a line ended: what stands between two labels is the first one's value. */
function* pairsOfOneLine(message: string): Generator<readonly [string, string]> {
  let label: string | undefined;
  let from = 0;
  for (const match of message.matchAll(ONE_LINE)) {
    if (label !== undefined) yield [label, cut(message.slice(from, match.index))];
    label = (match[1] ?? '').toLowerCase();
    from = match.index + match[0].length;
  }
  if (label !== undefined) yield [label, cut(message.slice(from))];
}

/** Two blanks end a value; behind the last one the explanation of the event begins. */
const cut = (value: string): string => value.trim().split(/\s{2,}/, 1)[0] ?? '';

/** Sections of a rendered message, and the prefix under which their fields stand in the event's data. */
const SECTIONS: Readonly<Record<string, string>> = {
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
};

const FIELDS: Readonly<Record<string, string>> = {
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
};

/** `\tAccount Name:\t\tanna`, also with two or more spaces where a sender made the tabs spaces. */
const LINE = /^[ \t]*([A-Za-z][A-Za-z ()/]{1,60}?):[ \t]*(.*)$/;

/**
 * The fields of an English rendered message (`Message`, Snare): `Subject:`, then `Account Name:` on lines of their own. What comes first counts.
 *
 * @returns names as in the event's own data, lower case
 */
export function fieldsOfMessage(message: string): Record<string, string> {
  const fields: Record<string, string> = {};
  let section = '';
  for (const line of linesOf(message)) {
    const match = LINE.exec(line);
    if (!match) continue;
    const label = (match[1] ?? '').trim().toLowerCase();
    const value = (match[2] ?? '').trim();
    if (value === '') {
      section = SECTIONS[label] ?? '';
      continue;
    }
    const name = FIELDS[`${section} ${label}`] ?? FIELDS[` ${label}`];
    if (name !== undefined && !Object.hasOwn(fields, name)) fields[name] = value;
  }
  return fields;
}

/** Snare and others put the whole message on one line, with several blanks where a line ended. */
const linesOf = (message: string): readonly string[] =>
  message.includes('\n')
    ? message.split(/\r?\n/, 200)
    : message.replace(/(: {0,3})(\S[^:]{0,200}?)? {3,}(?=[A-Z])/g, '$1$2\n').split('\n', 200);

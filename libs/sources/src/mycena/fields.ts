import type { Synonyms } from '../described-record.js';

/**
 * Names of the console's tables and settings (`Username`, `Role Level`, `Access kit`, `Device restriction`), and what people call these when
 * they forward them.
 *
 * @see https://documentation.mycena.co "Console"
 */
export const FIELDS: Synonyms = {
  id: ['eventid', 'logid', 'uid', 'uuid', 'id', 'externalid', 'recordid'],
  time: ['eventtime', 'time', 'timestamp', 'datetime', 'date', 'createdat', 'occurredat', 'rt', 'devtime'],
  event: ['event', 'eventname', 'activity', 'name'],
  action: ['action', 'act', 'operation', 'verb', 'vlxaction'],
  variable: ['eventcode', 'signatureid', 'actioncode'],
  type: ['eventtype', 'type', 'category', 'section', 'cat', 'module'],
  objectType: ['objecttype', 'entitytype', 'resourcetype', 'entity'],
  result: ['result', 'status', 'outcome', 'success'],
  user: ['user', 'username', 'useremail', 'suser', 'usrname', 'login user'],
  actor: ['actor', 'performedby', 'admin', 'adminuser', 'authorisedby', 'authorizedby', 'by'],
  email: ['email', 'usermail', 'mail'],
  address: ['ip', 'ipaddress', 'sourceip', 'srcip', 'src', 'clientip', 'remoteip', 'publicip'],
  userAgent: ['useragent', 'browser'],
  device: ['deviceid', 'deviceuuid', 'deviceidentifier', 'device'],
  session: ['sessionid', 'session', 'sid'],
  application: ['system', 'systemname', 'application', 'app', 'website', 'url', 'service'],
  host: ['host', 'hostname', 'server', 'dhost'],
  account: ['login', 'loginname', 'accountname', 'account', 'systemusername', 'duser'],
  member: ['targetuser', 'affecteduser', 'employee', 'recipient', 'revokeduser', 'beneficiary', 'foruser'],
  group: ['groupname', 'group', 'accesskit', 'accesskitname', 'kit'],
  role: ['rolename', 'role', 'rolelevel'],
  object: [
    'credential',
    'credentialname',
    'accesskey',
    'password name',
    'objectname',
    'object',
    'resource',
    'setting',
    'parameter',
    'target',
  ],
  command: ['command'],
  file: ['file', 'filename'],
  bytes: ['bytes', 'size'],
  ticket: ['ticket', 'ticketid', 'reference'],
  reason: ['reason', 'comment', 'justification'],
  requestId: ['requestid', 'request'],
  requester: ['requester', 'requestedby'],
  approver: ['approver', 'approvedby'],
  startsAt: ['validfrom', 'start', 'starttime'],
  endsAt: ['validuntil', 'validto', 'expires', 'expiration', 'end', 'endtime'],
  message: ['message', 'msg', 'description', 'details', 'detail'],
  protocol: ['protocol', 'proto'],
};

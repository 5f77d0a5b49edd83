import type { Synonyms } from '../described-record.js';

/**
 * VISULOX's own names first: the variables of its action scripts (`VLXOWNER`) and the columns of `visulox online` (`vlxowner`), with and without
 * the prefix; then what people call these when they forward them.
 *
 * @see https://wiki.visulox.com "Action Script Interface & Variables", "VISULOX Cockpit / Online"
 */
export const FIELDS: Synonyms = {
  id: ['vlxeventid', 'vlxid', 'eventid', 'uid', 'id', 'externalid', 'recordid', 'logid'],
  time: [
    'vlxeventtime',
    'vlxtime',
    'eventtime',
    'time',
    'timestamp',
    'datetime',
    'date',
    'createtime',
    'vlxcreatetime',
    'vlxcreatetimefmt',
    'vlxsessionstarttime',
    'rt',
    'devtime',
  ],
  event: ['vlxevent', 'event', 'eventname', 'name', 'activity'],
  action: ['action', 'act', 'operation', 'verb', 'vlxaction', 'direction'],
  variable: ['vlxeventvariable', 'signatureid', 'eventcode', 'eventvariable', 'variable', 'vlxeventname'],
  type: ['vlxeventtype', 'eventtype', 'type', 'category', 'cat'],
  objectType: ['objecttype', 'entitytype', 'vlxobjecttype'],
  result: ['vlxresult', 'result', 'status', 'outcome', 'decision', 'mode', 'verdict', 'success'],
  user: ['vlxloginuser', 'vlxowner', 'loginuser', 'owner', 'user', 'username', 'suser', 'usrname', 'vlxownershort'],
  actor: ['actor', 'supervisor', 'performedby', 'admin', 'administrator', 'by'],
  email: ['vlxemail', 'email', 'usermail', 'mail'],
  address: ['vlxremoteip', 'remoteip', 'remoteaddress', 'sourceip', 'srcip', 'src', 'clientip', 'vlxclientip', 'ip', 'ipaddress'],
  userAgent: ['useragent', 'browser', 'requestclientapplication'],
  device: ['deviceid', 'clientid', 'device'],
  session: ['vlxsessionid', 'sessionid', 'session', 'vlxemulatorsession', 'vlxsession', 'sid', 'webtopsession'],
  application: ['vlxapplication', 'application', 'applicationname', 'app', 'vlxapplicationname'],
  host: ['vlxhost', 'targethost', 'remotehost', 'endpoint', 'dhost', 'destinationhost', 'host', 'hostname', 'server', 'target', 'dst'],
  account: ['vlxhostuser', 'hostuser', 'targetuser', 'remoteuser', 'targetaccount', 'duser', 'account', 'accountname'],
  member: ['member', 'affecteduser', 'beneficiary', 'foruser', 'vlxuser'],
  group: ['groupname', 'usergroup', 'group'],
  role: ['rolename', 'role'],
  object: ['vlxpolicy', 'policy', 'policyname', 'vlxobject', 'objectname', 'object', 'resource'],
  command: ['vlxcommand', 'command', 'cmd', 'keyword', 'input', 'keyboardinput', 'line'],
  file: ['vlxfilename', 'filename', 'file', 'fname', 'path', 'filepath'],
  bytes: ['vlxfilesize', 'filesize', 'size', 'bytes', 'fsize'],
  ticket: ['vlxticketid', 'ticketid', 'ticket', 'referencenumber', 'reference'],
  reason: ['vlxcomment', 'reason', 'comment', 'annotation', 'remark', 'justification'],
  requestId: ['vlxrequestid', 'requestid', 'request', 'accessid'],
  requester: ['requester', 'requestedby', 'vlxrequester'],
  approver: ['approver', 'approvedby', 'grantedby', 'vlxapprover', 'vlxgrant'],
  startsAt: ['accessstart', 'validfrom', 'from', 'starttime', 'start'],
  endsAt: ['accessend', 'validuntil', 'validto', 'until', 'endtime', 'end', 'expires', 'expiration', 'vlxaccessend'],
  message: ['vlxmessage', 'message', 'msg', 'text', 'description', 'info'],
  protocol: ['protocol', 'proto', 'app protocol', 'connectionmethod'],
};

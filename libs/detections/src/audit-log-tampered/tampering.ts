import type { AccessEvent, SourceId } from '@keyward/events';

/** What was done to what the record of everybody's acts stands on. */
export interface Tampering {
  /** Names the kind: of it the habit of an identity is known. */
  readonly kind: string;
  /** `stopped a trail`: goes on after a name. */
  readonly words: string;
  /** How rarely it is innocent, without a habit and without a ticket; absent: the detection's own. */
  readonly p?: number;
}

/** Changed rather than ended: tidying up does that too. */
const CHANGED_P = 1e-3;
const of = (kind: string, words: string, p?: number): Tampering => ({ kind, words, ...(p !== undefined && { p }) });

interface CodeRule {
  /** Of the vendor's own name of the operation. */
  readonly code: RegExp;
  readonly is: Tampering;
  /** Where the name alone does not say it. */
  readonly when?: (event: AccessEvent) => boolean;
}

/** 4719 says what it changed: `%%8448` and `%%8450` take successes and failures out of the log, `%%8449` and `%%8451` put them in. */
const takesAway = ({ detail = '' }: AccessEvent): boolean => !/%%84(?:49|51)|added/i.test(detail) || /%%84(?:48|50)|removed/i.test(detail);
const isConditionalAccessOff = ({ activity }: AccessEvent): boolean => activity === 'disable' || activity === 'delete';

/** Source -> its operations; first match wins. */
const CODES: Partial<Readonly<Record<SourceId, readonly CodeRule[]>>> = {
  windows: [
    { code: /^(?:1102|517|104)$/, is: of('windows_log', 'cleared an event log') },
    { code: /^(?:4719|4912)$/, is: of('windows_audit_policy', 'took events out of the audit policy'), when: takesAway },
  ],
  cloudtrail: [
    {
      code: /^(?:StopLogging|DeleteTrail|DeleteEventDataStore|StopEventDataStoreIngestion)$/,
      is: of('cloud_trail', 'stopped or deleted a trail'),
    },
    {
      code: /^(?:UpdateTrail|PutEventSelectors|PutInsightSelectors)$/,
      is: of('cloud_trail_settings', 'changed what a trail records', CHANGED_P),
    },
    {
      code: /^(?:StopConfigurationRecorder|DeleteConfigurationRecorder|DeleteDeliveryChannel|DeleteFlowLogs)$/,
      is: of('cloud_recorder', 'stopped or deleted the recording of configurations or flows'),
    },
    {
      code: /^(?:DeleteDetector|StopMonitoringMembers|DisassociateFrom(?:Master|Administrator)Account|DeletePublishingDestination|DisableSecurityHub|DisableMacie|DeleteAnalyzer)$/,
      is: of('cloud_guard', 'switched off what watches the cloud account'),
    },
  ],
  okta: [
    { code: /^system\.log_stream\.(?:lifecycle\.)?(?:deactivate|delete)$/, is: of('log_stream', 'stopped or deleted a log stream') },
    {
      code: /^(?:(?:application\.)?policy(?:\.sign_on)?(?:\.rule|\.lifecycle)?\.(?:deactivate|delete)|(?:network_)?zone\.(?:rule\.disabled|delete|deactivate))$/,
      is: of('sign_in_policy', 'switched off or deleted a policy or zone', CHANGED_P),
    },
  ],
  entra: [
    {
      code: /^(?:update|delete) conditional access policy$/i,
      is: of('sign_in_policy', 'switched off or deleted a conditional access policy', CHANGED_P),
      when: isConditionalAccessOff,
    },
    {
      code: /(?:microsoft\.aadiam|microsoft\.insights)\/diagnosticsettings\/delete|operationalinsights\/workspaces\/delete|diagnostic settings?.*delet|delet.*diagnostic setting/i,
      is: of('log_stream', 'deleted a diagnostic setting or the workspace it writes to'),
    },
    {
      code: /^set-(?:adminauditlogconfig|mailboxauditbypassassociation)$/i,
      is: of('audit_settings', 'changed what the unified audit log holds'),
    },
  ],
  vault: [
    {
      code: /^delete$/,
      is: of('audit_device', 'disabled an audit device'),
      when: ({ activity, resource }) => activity === 'disable' && /(?:^|\/)sys\/audit\//.test(resource?.name ?? ''),
    },
  ],
  teleport: [
    { code: /^session_recording_config\.(?:update|delete)$/, is: of('recording', 'changed the recording of sessions', CHANGED_P) },
  ],
};

const AGENTS =
  'auditd|rsyslogd?|syslog-ng|syslogd?|systemd-journald|journald|auditbeat|filebeat|winlogbeat|splunkd?|splunkforwarder|osqueryd|wazuh-agent|falcon-sensor|mdatp|nxlog|fluent-?bit|fluentd|td-agent|vector|eventlog|sysmon(?:64)?';
/** Logs that are being written, not their rotated parts: those are tidied up every week. */
const LOG_FILES = String.raw`(?:/var/log/(?:audit/audit\.log|audit/?(?=\s|$|\*)|auth\.log|secure|messages|syslog|wtmp|btmp|lastlog|faillog|sudo\.log|journal\b)|/var/run/utmp)(?![\w.-])`;
const HISTORY = String.raw`(?:\.(?:bash|zsh|sh|ash|mysql|psql)_history|\.history)\b`;

/** Command lines in privileged sessions; first match wins. */
const COMMANDS: readonly (readonly [RegExp, Tampering])[] = [
  [
    new RegExp(
      String.raw`\b(?:systemctl|service|initctl|rc-service|sc(?:\.exe)?|net1?(?:\.exe)?|stop-service)\b(?=.*(?:\bstop\b|\bdisable\b|\bmask\b|\bkill\b|stop-service|disabled)).*\b(?:${AGENTS})\b`,
      'i',
    ),
    of('log_service', 'stopped what writes the log'),
  ],
  [
    new RegExp(String.raw`\b(?:pkill|killall)\b.*\b(?:${AGENTS})\b|/etc/init\.d/(?:${AGENTS})\s+stop\b`, 'i'),
    of('log_service', 'stopped what writes the log'),
  ],
  [/\bauditctl\s+(?:.*\s)?(?:-e\s*0|-D)\b/, of('log_service', 'switched off the audit rules of the kernel')],
  [
    new RegExp(
      String.raw`\b(?:rm|shred|unlink|truncate|dd|tee|cp\s+/dev/null|ln\s+-\S*s\S*\s+/dev/null|sed\s+(?:.*\s)?-\S*i\S*)\b.*${LOG_FILES}|>\s*${LOG_FILES}`,
    ),
    of('log_file', 'deleted, emptied or rewrote a log'),
  ],
  [/\bwevtutil(?:\.exe)?\s+(?:cl|clear-log)\b|\b(?:clear|remove|limit)-eventlog\b/i, of('windows_log', 'cleared an event log')],
  [
    /\bauditpol(?:\.exe)?\s.*(?:\/clear|\/remove|(?:success|failure):disable)/i,
    of('windows_audit_policy', 'took events out of the audit policy'),
  ],
  [
    new RegExp(
      String.raw`\bhistory\s+-\S*[cw]\S*(?=\s|;|&|$)|\bunset\s+HISTFILE\b|\bHISTFILE=/dev/null|\bHIST(?:FILE)?SIZE=0\b|\b(?:rm|shred|truncate|ln|cp|unlink)\b.*${HISTORY}|>\s*\S*${HISTORY}`,
    ),
    of('shell_history', "wiped a shell's history", CHANGED_P),
  ],
];

/** @returns undefined for everything but a successful act against a log, or against what protects the sign-in */
export function tamperingOf(event: AccessEvent): Tampering | undefined {
  const rule = CODES[event.source]?.find(({ code, when }) => code.test(event.code) && (when === undefined || when(event)));
  if (rule) return rule.is;
  const { command } = event;
  return command === undefined ? undefined : COMMANDS.find(([pattern]) => pattern.test(command))?.[1];
}

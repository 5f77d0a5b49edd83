import { describe, expect, it } from 'vitest';
import { TicketRecord, buildOrganisation } from '@keyward/identity';
import type { AccessEvent } from '@keyward/events';
import { DAY, HOUR, MONDAY, anAccount, anEvent, anOrganisation, play } from '../../test/builders.js';
import { auditLogTampered } from './audit-log-tampered.detection.js';

const organisation = anOrganisation();
const scenario = { detection: auditLogTampered, organisation };
const told = (code: string, more: Partial<AccessEvent> & { at?: number } = {}): AccessEvent =>
  anEvent({ class: 'entity_management', activity: 'update', code, ...more });
const typed = (command: string, at = MONDAY): AccessEvent =>
  anEvent({ at, source: 'linux', class: 'process_activity', activity: 'launch', code: 'sudo', command });
const vaultDelete = (name: string, activity: string): AccessEvent =>
  told('delete', { source: 'vault', activity, resource: { kind: 'other', name } });

describe('audit log tampered with', () => {
  it('fires on a trail that is stopped', () => {
    const stopped = told('StopLogging', {
      source: 'cloudtrail',
      resource: { kind: 'policy', name: 'all-regions' },
      src: { ip: '192.0.2.7' },
    });
    const [finding] = play(scenario, [stopped]);
    expect(finding).toMatchObject({
      identity: 'p-anna',
      severity: 'high',
      p: 1e-4,
      observed: { kind: 'cloud_trail', object: 'all-regions' },
    });
    expect(finding?.sentence).toBe('Anna Berg (p-anna) stopped or deleted a trail (StopLogging: all-regions).');
    expect(finding?.explanation).toEqual(['No change or incident of this identity or its team is open.']);
  });
  it.each([
    ['windows', '1102', {}],
    ['windows', '104', {}],
    ['windows', '4719', { detail: '%%8448, %%8451' }],
    ['windows', '4719', {}],
    ['cloudtrail', 'DeleteDetector', {}],
    ['cloudtrail', 'PutEventSelectors', {}],
    ['okta', 'system.log_stream.lifecycle.deactivate', {}],
    ['okta', 'system.log_stream.lifecycle.delete', {}],
    ['okta', 'policy.lifecycle.deactivate', {}],
    ['okta', 'policy.rule.deactivate', {}],
    ['okta', 'application.policy.sign_on.rule.delete', {}],
    ['okta', 'zone.delete', {}],
    ['okta', 'network_zone.rule.disabled', {}],
    ['entra', 'Update conditional access policy', { activity: 'disable' }],
    ['entra', 'Delete conditional access policy', { activity: 'delete' }],
    ['entra', 'MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE', { activity: 'delete' }],
    ['teleport', 'session_recording_config.update', {}],
  ] as const)('fires on %s %s', (source, code, more) => {
    expect(play(scenario, [told(code, { source, ...more })])).toHaveLength(1);
  });
  it('fires on an audit device of Vault that is disabled', () => {
    expect(play(scenario, [vaultDelete('sys/audit/file', 'disable')])[0]).toMatchObject({ observed: { kind: 'audit_device' } });
  });
  it.each([
    ['/usr/bin/systemctl stop auditd', 'log_service'],
    ['systemctl disable --now rsyslog', 'log_service'],
    ['service auditd stop', 'log_service'],
    ['killall rsyslogd', 'log_service'],
    ['auditctl -e 0', 'log_service'],
    ['/usr/bin/rm -f /var/log/auth.log', 'log_file'],
    ['/usr/bin/sed -i /sshd/d /var/log/auth.log', 'log_file'],
    ['bash -c "> /var/log/secure"', 'log_file'],
    ['shred -u /var/log/audit/audit.log', 'log_file'],
    ['wevtutil cl Security', 'windows_log'],
    ['auditpol /set /category:* /success:disable', 'windows_audit_policy'],
    ['history -c', 'shell_history'],
    ['unset HISTFILE; id', 'shell_history'],
    ['/usr/bin/shred -u /root/.bash_history', 'shell_history'],
  ])('fires on the command %s', (command, kind) => {
    expect(play(scenario, [typed(command)])[0]).toMatchObject({ observed: { kind, object: command } });
  });
  it('fires once on what one identity does again and again, and once more on another kind', () => {
    const acts = [typed('systemctl stop auditd'), typed('systemctl stop rsyslog', MONDAY + HOUR), typed('history -c', MONDAY + 2 * HOUR)];
    expect(play(scenario, acts).map(({ observed }) => observed['kind'])).toEqual(['log_service', 'shell_history']);
    expect(new Set(play(scenario, acts).map(({ dedupeKey }) => dedupeKey)).size).toBe(1);
  });
  it('fires again when the habit is a month old', () => {
    const at = (days: number): AccessEvent => typed('systemctl stop auditd', MONDAY + days * DAY);
    expect(play(scenario, [at(0), at(29), at(58)])).toHaveLength(1);
    expect(play(scenario, [at(0), at(31)])).toHaveLength(2);
  });
  it("fires, with low severity, under an open change of one's own, with medium under one of the team", () => {
    const ticket = { id: 'CHG-1', kind: 'change', start: '2026-01-05T08:00:00Z', end: '2026-01-05T12:00:00Z' };
    const found = (whose: object): ReturnType<typeof play> => {
      const identities = organisation.identities.map((one) => ({ ...one, team: 'platform' }));
      const records = { identities, assets: [], groups: [], roles: [], tickets: [TicketRecord.parse({ ...ticket, ...whose })] };
      return play({ ...scenario, organisation: buildOrganisation(records) }, [typed('systemctl stop auditd')]);
    };
    const [own] = found({ owner: 'p-anna' });
    expect(own).toMatchObject({ severity: 'low', observed: { tickets: ['CHG-1'] } });
    expect(own?.p).toBeCloseTo(3e-3);
    const [team] = found({ team: 'platform', owner: 'p-ben' });
    expect(team).toMatchObject({ severity: 'medium', observed: { tickets: ['CHG-1'] } });
    expect(team?.p).toBeCloseTo(5e-4);
  });
  it.each([
    ['an attempt that failed', told('StopLogging', { source: 'cloudtrail', outcome: 'failure' })],
    ['another source that uses the same code', told('1102', { source: 'cyberark' })],
    [
      'a machine that follows its directory',
      told('4719', { source: 'windows', actor: { ...anAccount('dc1$', 'windows'), kind: 'system' } }),
    ],
    ['events added to the audit policy', told('4719', { source: 'windows', detail: '%%8449, %%8451' })],
    ['a conditional access policy that stays on', told('Update conditional access policy', { source: 'entra' })],
    ['a mount of Vault that is disabled', vaultDelete('sys/mounts/kv', 'disable')],
    ['a policy that is created', told('policy.lifecycle.create')],
    ['a service that is restarted', typed('systemctl restart rsyslog')],
    ['another service that is stopped', typed('systemctl stop nginx')],
    ['rotated logs that are tidied up', typed('rm -f /var/log/syslog.2.gz /var/log/auth.log.1')],
    ['a log that is read', typed('tail -f /var/log/auth.log')],
    ['a history that is read', typed('history | grep ssh')],
  ])('is silent on %s', (_what, event) => {
    expect(play(scenario, [event])).toEqual([]);
  });
});

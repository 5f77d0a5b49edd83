import { describe, expect, it } from 'vitest';
import { parsePayload } from './payload.js';
import { sourceById } from './registry.js';

const NOW = Date.UTC(2026, 0, 10);
const read = (id: string, value: unknown): string[] => {
  const source = sourceById(id);
  if (!source) throw new Error(`no source ${id}`);
  return parsePayload(source, Buffer.from(JSON.stringify(value)), { now: NOW }).map((one) =>
    one.kind === 'kept' ? `${one.event.code} ${one.event.outcome} ${one.event.actor?.name ?? ''}` : one.kind,
  );
};

const signIn = {
  time: '2026-01-05T09:00:00Z',
  category: 'SignInLogs',
  resultType: '50126',
  properties: { id: 's1', userPrincipalName: 'anna@example.com', createdDateTime: '2026-01-05T09:00:00Z' },
};
const stored = {
  uuid: '1',
  published: '2026-01-05T09:00:00.000Z',
  eventType: 'user.session.start',
  outcome: { result: 'FAILURE' },
  actor: { id: '00u1', type: 'User', alternateId: 'anna@example.com' },
};

describe('a record that a shipper carries', () => {
  it.each([
    ['text in body', { body: JSON.stringify(signIn), hostname: 'relay' }],
    ['text in message', { '@timestamp': '2026-01-05T09:00:05Z', message: JSON.stringify(signIn) }],
    ['text in event.original', { event: { original: JSON.stringify(signIn), kind: 'event' } }],
    ['an export of a search', { preview: false, result: { _raw: JSON.stringify({ event: signIn }) } }],
    ['CloudEvents', { specversion: '1.0', id: 'x', type: 'sign-in', data: signIn }],
  ])('%s', (_, carried) => {
    expect(read('entra', carried)).toEqual(['Sign-in activity failure anna@example.com']);
  });
  it('is read by every source alike, whatever carries it', () => {
    expect(read('okta', { payload: { record: stored } })).toEqual(['user.session.start failure anna@example.com']);
    const line = '<86>Jan  5 09:00:00 web1 sshd[12]: Failed password for root from 203.0.113.4 port 22 ssh2';
    expect(read('linux', { timestamp: '2026-01-05T09:00:02Z', decoder: { name: 'sshd' }, full_log: line })).toEqual([
      'ssh_login failure root@web1',
    ]);
  });
  it('is a row of a custom table of Log Analytics, whose columns are paths', () => {
    const row = {
      TimeGenerated: '2026-01-05T09:00:05Z',
      Type: 'Okta_CL',
      eventType_s: 'user.session.start',
      published_t: '2026-01-05T09:00:00.000Z',
      uuid_g: '1',
      outcome_result_s: 'FAILURE',
      outcome_reason_s: '',
      actor_id_s: '00u1',
      actor_type_s: 'User',
      actor_alternateId_s: 'anna@example.com',
      client_ipAddress_s: '192.0.2.4',
      target_s: '[{"id":"00u1","type":"User","alternateId":"anna@example.com"}]',
    };
    expect(read('okta', row)).toEqual(['user.session.start failure anna@example.com']);
    const duo = {
      txid_g: 'a1',
      event_type_s: 'authentication',
      timestamp_d: 1767603600,
      result_s: 'denied',
      user_name_s: 'anna',
      access_device_ip_s: '192.0.2.4',
      factor_s: 'duo_push',
      __proto___s: 'x',
    };
    expect(read('duo', duo)).toEqual(['authentication failure anna']);
    expect(read('okta', { a_s: '1', b_s: '2', [`${'x_'.repeat(500)}s`]: 'y', c_s: '{' })).toEqual(['rejected']);
  });
  it('stays rejected when nothing in it is a record of the source, or it goes too deep', () => {
    expect(read('okta', { message: 'hello', event: { kind: 'x' }, data: [1] })).toEqual(['rejected']);
    expect(read('okta', { event: { event: { event: { event: { event: { event: { event: stored } } } } } } })).toEqual(['rejected']);
    expect(read('okta', { message: '{"message":'.repeat(50_000) })).toEqual(['rejected']);
  });
  it('is one record with one answer: a list of several in a member that says nothing of it is left alone', () => {
    expect(read('okta', { body: JSON.stringify({ events: [stored, stored] }) })).toEqual(['rejected']);
  });
});

describe('a list of records in an envelope that is none of the vendor', () => {
  const text = JSON.stringify(stored);
  it.each([
    ['an answer of an API', { data: [stored, stored] }],
    ['a search', { took: 1, hits: { total: 2, hits: [{ _source: stored }, { _source: stored }] } }],
    ['a function', { Records: [{ body: text }, { Sns: { Message: text } }] }],
    ['a stream', { Records: [{ kinesis: { data: Buffer.from(text).toString('base64') } }, { body: text }] }],
    [
      'Loki',
      {
        streams: [
          {
            values: [
              ['1767603600000000000', text],
              ['1767603600000000001', text],
            ],
          },
        ],
      },
    ],
    [
      'OpenTelemetry',
      { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text } }, { body: { stringValue: text } }] }] }] },
    ],
  ])('%s', (_, envelope) => {
    const said = 'user.session.start failure anna@example.com';
    expect(read('okta', envelope)).toEqual([said, said]);
  });
  it('is one rejection when none of them is a record of the source, or it goes too deep', () => {
    expect(read('okta', { data: [{ a: 1 }, 'x', [1], null] })).toEqual(['rejected']);
    expect(read('okta', { data: [{ data: [{ data: [{ data: [{ data: [{ data: [stored] }] }] }] }] }] })).toEqual(['rejected']);
  });
});

describe('JSON that stands behind something else on its line', () => {
  it.each(['<14>Jan  5 09:00:00 relay app: ', '<14>1 2026-01-05T09:00:00Z relay app 1 - - @cee: ', '2026-01-05T09:00:00+00:00\ttag.x\t'])(
    '%s',
    (before) => {
      const results = (id: string, record: unknown): readonly string[] =>
        parsePayload(sourceById(id)!, Buffer.from(before + JSON.stringify(record)), { now: NOW }).map(({ kind }) => kind);
      expect(
        results('cloudtrail', { eventName: 'CreateUser', eventSource: 'iam.amazonaws.com', eventTime: '2026-01-05T09:00:00Z' }),
      ).toEqual(['kept']);
      expect(results('keycloak', { type: 'LOGIN', realmId: 'r', time: 1767603600000, ipAddress: '192.0.2.1' })).toEqual(['kept']);
      expect(results('cloudtrail', { a: 1 })).toEqual(['rejected']);
    },
  );
  it('or was written as text once more', () => {
    const twice = JSON.stringify(JSON.stringify(stored));
    expect(parsePayload(sourceById('okta')!, Buffer.from(twice), { now: NOW })).toMatchObject([{ kind: 'kept' }]);
  });
  it('of the journal is a record of the machine that wrote it', () => {
    const journal = { __REALTIME_TIMESTAMP: '1767603600000000', _HOSTNAME: 'web1', SYSLOG_IDENTIFIER: 'sshd' };
    const line = JSON.stringify({ ...journal, MESSAGE: 'Failed password for root from 203.0.113.4 port 22 ssh2' });
    expect(read('linux', { '@timestamp': '2026-01-05T09:00:05Z', message: line })).toEqual(['ssh_login failure root@web1']);
  });
});

describe('a record that an export flattened', () => {
  it('is read as what it was made of', () => {
    const flat = {
      uuid: '1',
      published: '2026-01-05T09:00:00.000Z',
      eventType: 'user.session.start',
      'outcome.result': 'FAILURE',
      'actor.id': '00u1',
      'actor.type': 'User',
      'actor.alternateId': 'anna@example.com',
      'actor..': 'x',
      '__proto__.x': 'y',
    };
    expect(read('okta', flat)).toEqual(['user.session.start failure anna@example.com']);
    const winlog = { 'winlog.event_id': 4625, 'winlog.channel': 'Security', 'winlog.event_data.TargetUserName': 'anna' };
    expect(read('windows', { '@timestamp': '2026-01-05T09:00:00Z', ...winlog })).toEqual(['4625 failure anna']);
  });
});

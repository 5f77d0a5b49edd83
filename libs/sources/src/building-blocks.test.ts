import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountName, managedAccount, sameAccount, splitAccountName } from './account-name.js';
import { canonicalIp, parseAddress, parseIp } from './address.js';
import { at, defined, flag, number, object, text } from './json.js';
import { spellingOf, undotted } from './spelling.js';
import { deviceOf } from './user-agent.js';

describe('addresses', () => {
  it.each([
    ['192.0.2.1', { ip: '192.0.2.1' }],
    ['192.0.2.1:443', { ip: '192.0.2.1', port: 443 }],
    ['192.0.2.1/3624', { ip: '192.0.2.1', port: 3624 }],
    ['[2001:db8::1]:443', { ip: '2001:db8::1', port: 443 }],
    ['[2001:db8::1]', { ip: '2001:db8::1' }],
    ['2001:0DB8:0:0:0:0:0:1', { ip: '2001:db8::1' }],
    ['::ffff:192.0.2.1', { ip: '192.0.2.1' }],
    ['fe80::1%eth0', { ip: 'fe80::1' }],
    ['"192.0.2.1"', { ip: '192.0.2.1' }],
    ['192.0.2.1, 198.51.100.7, 10.0.0.1', { ip: '192.0.2.1' }],
    ['[2001:db8::1]:443,198.51.100.7', { ip: '2001:db8::1', port: 443 }],
  ])('reads %s', (written, expected) => {
    expect(parseAddress(written)).toEqual(expected);
  });
  it.each(['', 'db1.example.com', '192.0.2.256', '192.0.2', '2001:db8::1::2', 'unknown', '-', '::g'])('refuses %s', (written) => {
    expect(parseAddress(written)).toBeUndefined();
  });
  it('takes the unspecified address for none', () => {
    expect(parseIp('0.0.0.0')).toBeUndefined();
    expect(parseIp('::')).toBeUndefined();
  });
  it('writes every IPv6 address in one way, which it reads again', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const canonical = canonicalIp(address);
        expect(canonical).toBeDefined();
        expect(canonicalIp(canonical ?? '')).toBe(canonical);
      }),
    );
  });
});

describe('two parties of a record', () => {
  const anna = { system: 'okta', name: 'anna@example.com', email: 'anna@example.com', id: 'u-1' } as const;
  it('are one account by name, or by id where nothing contradicts', () => {
    expect(sameAccount(anna, { ...anna, id: 'u-2' })).toBe(true);
    expect(sameAccount(anna, { system: 'okta', name: 'anna b.', displayName: 'Anna B.', id: 'u-1' })).toBe(true);
  });
  it('are two where one id was written for both', () => {
    expect(sameAccount(anna, { ...anna, name: 'bob@example.com', email: 'bob@example.com' })).toBe(false);
    expect(sameAccount({ ...anna, displayName: 'Anna' }, { system: 'okta', name: 'bob', displayName: 'Bob', id: 'u-1' })).toBe(false);
    expect(sameAccount(anna, { system: 'okta', name: 'bob' })).toBe(false);
  });
});

describe('names of members that others rewrote', () => {
  const respell = spellingOf(['eventType', 'alternateId']);
  it('are the vendor’s again, at every depth, and only where the vendor’s own is not there', () => {
    expect(respell({ event_type: 'a', actor: { alternateid: 'x', id: 1 }, list: [{ ALTERNATEID: 'y' }] })).toEqual({
      eventType: 'a',
      actor: { alternateId: 'x', id: 1 },
      list: [{ alternateId: 'y' }],
    });
    expect(respell({ eventType: 'a', eventtype: 'b' })).toBeUndefined();
    expect(respell({ eventType: 'a', actor: { alternateId: 'x' } })).toBeUndefined();
  });
  it('joined by dots are objects and lists again', () => {
    expect(undotted({ 'a.b': 1, 'a.c.0': 'x', 'a.c.1': 'y', d: 2 })).toEqual({ a: { b: 1, c: ['x', 'y'] }, d: 2 });
    expect(undotted({ a: 1, 'a.b': 2 })).toEqual({ a: 1 });
    const plain = { a: { b: 1 }, '@odata.type': 'x', 'a@odata.context': 'y' };
    expect(undotted(plain)).toBe(plain);
    expect(Object.getPrototypeOf(undotted(object(JSON.parse('{"__proto__.x": 1, "a.__proto__": 2}'))))).toBe(Object.prototype);
  });
  it('never throw, whatever they are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        expect(typeof undotted(object(record))).toBe('object');
        respell(object(record));
      }),
    );
  });
});

describe('account names', () => {
  it('are lower case, and absent when the vendor writes a dash or nothing', () => {
    expect(accountName(' CORP\\Anna ')).toBe('corp\\anna');
    for (const none of ['', '-', 'N/A', '(null)', undefined, 7]) expect(accountName(none)).toBeUndefined();
  });
  it('are split into user and domain in either form', () => {
    expect(splitAccountName('CORP\\Anna')).toEqual({ domain: 'corp', user: 'anna' });
    expect(splitAccountName('anna@example.com')).toEqual({ domain: 'example.com', user: 'anna' });
    expect(splitAccountName('anna')).toEqual({ user: 'anna' });
  });
  it('of a machine carry the machine', () => {
    expect(managedAccount('Root', 'DB1.example.com')).toBe('root@db1.example.com');
    expect(managedAccount('CORP\\svc', 'corp.example.com')).toBe('svc@corp.example.com');
    expect(managedAccount('svc@corp.example.com', 'db1')).toBe('svc@corp.example.com');
    expect(managedAccount('root', undefined)).toBe('root');
  });
});

describe('user agents', () => {
  it('become browser and system with their major versions, and the kind of device', () => {
    const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
    expect(deviceOf(windows)).toEqual({ userAgent: windows, browser: 'Chrome 126', os: 'Windows 10', type: 'desktop' });
    const phone =
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1';
    expect(deviceOf(phone)).toMatchObject({ browser: 'Safari 17', os: 'iOS 17', type: 'mobile' });
    const cli =
      'md/awscrt#0.23.4 ua/2.0 os/windows#10 md/arch#amd64 lang/python#3.12.6 md/pyimpl#CPython md/command#sts.get-caller-identity';
    expect(deviceOf(`aws-cli/2.22.6 ${cli}`)).toMatchObject({ browser: 'aws-cli 2', os: 'Windows', type: 'bot' });
    expect(deviceOf('[aws-cli/2.9.1 Python/3.9.11 Darwin/21.6.0 exe/x86_64]')).toMatchObject({ browser: 'aws-cli 2', os: 'macOS' });
    expect(deviceOf('Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#5.10.213')).toMatchObject({ browser: 'Boto3 1', os: 'Linux' });
    expect(deviceOf('curl/8.5.0')).toMatchObject({ type: 'bot' });
  });
  it('never throw, whatever is sent', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2_000 }), (agent) => deviceOf(agent).userAgent === agent));
  });
});

describe('readers of unknown JSON', () => {
  it('give what is there and undefined otherwise', () => {
    expect([text(' a '), text(''), text(5), text({})]).toEqual(['a', undefined, '5', undefined]);
    expect([number('5'), number(' -1.5 '), number('5x'), number(NaN)]).toEqual([5, -1.5, undefined, undefined]);
    expect([flag('Yes'), flag(0), flag('maybe')]).toEqual([true, false, undefined]);
    expect(at({ a: { b: 1 } }, 'a', 'b')).toBe(1);
    expect(at({}, 'constructor', 'name')).toBeUndefined();
    expect(defined({ a: undefined, b: 0 })).toEqual({ b: 0 });
    expect(defined({ a: undefined })).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCef } from './cef.js';
import { readSyslog } from './header.js';
import { readKeyValues, readSemicolonPairs } from './key-value.js';
import { readLeef } from './leef.js';
import { readLogLine } from './line.js';
import { readXml } from './xml.js';

const RECEIVED = Date.UTC(2026, 0, 5, 9, 1);
const NINE = Date.UTC(2026, 0, 5, 9);

describe('syslog header', () => {
  it('RFC 5424 with structured data, escapes and BOM', () => {
    const line = '<165>1 2026-01-05T09:00:00.000Z vault.example.com audit 42 ID47 [ex@32473 a="x \\"y\\" \\]" b=""][o@1] \ufeffhello';
    expect(readSyslog(line)).toEqual({
      header: {
        facility: 20,
        severity: 5,
        time: NINE,
        host: 'vault.example.com',
        app: 'audit',
        procId: '42',
        msgId: 'ID47',
        structured: { 'ex@32473': { a: 'x "y" ]', b: '' }, 'o@1': {} },
      },
      body: 'hello',
    });
  });
  it('RFC 5424 without anything known, and with the message straight behind the host', () => {
    expect(readSyslog('<5>1 - - - - - - hello')).toEqual({ header: { facility: 0, severity: 5 }, body: 'hello' });
    expect(readSyslog('<5>1 2026-01-05T09:00:00Z VAULT CEF:0|a|b').body).toBe('CEF:0|a|b');
    expect(readSyslog('<5>1 2026-01-05T10:00:00+01:00 VAULT {"a":1}')).toEqual({
      header: { facility: 0, severity: 5, time: NINE, host: 'VAULT' },
      body: '{"a":1}',
    });
  });
  it.each([
    ['<38>Jan  5 09:00:00 host1 sshd[123]: hello', { time: NINE, host: 'host1', app: 'sshd', procId: '123' }],
    ['<38>Jan  5 09:00:00 host1 su: hello', { time: NINE, host: 'host1', app: 'su' }],
    ['<38> Jan 05 09:00:00 192.0.2.1 hello', { time: NINE, host: '192.0.2.1' }],
    ['<38>Jan  5 09:00:00 sshd[123]: hello', { time: NINE, app: 'sshd', procId: '123' }],
    ['<38>Jan  5 2026 09:00:00 host1 : hello', { time: NINE, host: 'host1' }],
    ['Jan  5 09:00:00 host1 hello', { time: NINE, host: 'host1' }],
    ['<38>2026-01-05T09:00:00Z host1 app: hello', { time: NINE, host: 'host1', app: 'app' }],
    ['27 <38>Jan  5 09:00:00 host1 hello', { time: NINE, host: 'host1' }],
    ['<38>Jan  5 09:00:00 host1 sshd[123] hello', { time: NINE, host: 'host1', app: 'sshd', procId: '123' }],
    ['<38>Mon Jan  5 09:00:00 host1 su: hello', { time: NINE, host: 'host1', app: 'su' }],
    ['<13>Jan  5 09:00:00 relay <38>Jan  5 09:00:00 host1 su: hello', { severity: 6, facility: 4, host: 'host1', app: 'su' }],
    [
      '<38>2026-01-05T09:00:00Z host1 app 42 ID [x@1 a="b"] hello',
      { host: 'host1', app: 'app', procId: '42', structured: { 'x@1': { a: 'b' } } },
    ],
    ['<38>Jan  5 09:00:00 host1 hello\0', { host: 'host1' }],
    ['<38>hello', {}],
    ['hello', {}],
  ])('variant %s', (line, expected) => {
    const { header, body } = readSyslog(line, RECEIVED);
    expect(body).toBe('hello');
    expect(header).toMatchObject(expected);
  });
  it('has no time when a year is missing and nobody says when it was received', () => {
    expect(readSyslog('<38>Jan  5 09:00:00 host1 hello').header.time).toBeUndefined();
  });
});

describe('JSON', () => {
  it('is read behind a header, also behind a bare name, and not out of prose', () => {
    const value = { form: 'json', value: { a: 1 } };
    for (const before of [
      '',
      '<38>Jan  5 09:00:00 host1 ',
      '<38>Jan  5 09:00:00 host1 app: ',
      '<38>Jan  5 09:00:00 host1 app ',
      '<38>1 2026-01-05T09:00:00Z host1 app - - - ',
    ])
      expect(readLogLine(`${before}{"a":1}`, RECEIVED).body, before).toEqual(value);
    expect(readLogLine('<38>Jan  5 09:00:00 host1 app: got a body {"a":1}', RECEIVED).body.form).toBe('text');
    expect(readLogLine('{"a":1', RECEIVED).body.form).toBe('text');
  });
});

describe('CEF', () => {
  it('splits header and extension, with escapes', () => {
    expect(
      readCef('CEF:0|Ex\\|ample|Va\\\\ult|1.0|42|Log on|7|suser=anna fname=C:\\\\temp\\\\x msg=a\\=b\\nc \\| d cs1Label=Safe cs1=My safe'),
    ).toEqual({
      vendor: 'Ex|ample',
      product: 'Va\\ult',
      deviceVersion: '1.0',
      signatureId: '42',
      name: 'Log on',
      severity: '7',
      extension: { suser: 'anna', fname: 'C:\\temp\\x', msg: 'a=b\nc | d', cs1Label: 'Safe', cs1: 'My safe' },
    });
  });
  it('reads what senders leave unescaped: pipes in the name, equals signs and Windows paths in values', () => {
    const cef = readCef(
      'CEF:0|Example|Vault|1|42|Copy a|b to c|5|act="Copy x=1 suser=eve" suser=CORP\\robert fname=Root\\new file shost=192.0.2.1 reason=see url?a=1 and b = 2 x=3 duser=',
    );
    expect(cef).toMatchObject({ name: 'Copy a|b to c', severity: '5' });
    expect(cef?.extension).toEqual({
      act: 'Copy x=1 suser=eve',
      suser: 'CORP\\robert',
      fname: 'Root\\new file',
      shost: '192.0.2.1',
      reason: 'see url?a=1 and b = 2 x=3',
      duser: '',
    });
  });
  it('is not what only looks like it', () => {
    for (const text of ['', 'CEF', 'CEF:0|a|b', 'XCEF:0|a|b|c|d|e|1|', 'cef:0|a|b|c|d|e|1|']) expect(readCef(text)).toBeUndefined();
  });
  it('gives back any values that were written with the escapes of the specification', () => {
    const value = fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => text.replace(/"/g, '').trim());
    const escape = (text: string): string => text.replace(/[\\=]/g, '\\$&');
    fc.assert(
      fc.property(value, value, value, (suser, msg, name) => {
        const header = name.replace(/[\\|]/g, '\\$&');
        const cef = readCef(`CEF:0|Example|Vault|1|42|${header}|5|suser=${escape(suser)} msg=${escape(msg)} duser=end`);
        expect(cef).toMatchObject({ name: name.trim(), severity: '5', extension: { suser, msg, duser: 'end' } });
      }),
    );
  });
});

describe('LEEF', () => {
  const expected = { src: '192.0.2.1', usrName: 'anna', cat: 'x y' };
  it.each([
    ['1.0 with tabs', 'LEEF:1.0|Example|Vault|1|7|src=192.0.2.1\tusrName=anna\tcat=x y'],
    ['1.0 with written-out tabs', 'LEEF:1.0|Example|Vault|1|7|src=192.0.2.1\\tusrName=anna\\tcat=x y'],
    ['1.0 with spaces', 'LEEF:1.0|Example|Vault|1|7|src=192.0.2.1 usrName=anna cat=x y'],
    ['2.0 with a character', 'LEEF:2.0|Example|Vault|1|7|^|src=192.0.2.1^usrName=anna^cat=x y'],
    ['2.0 with 0x5E', 'LEEF:2.0|Example|Vault|1|7|0x5E|src=192.0.2.1^usrName=anna^cat=x y'],
    ['2.0 with x5e', 'LEEF:2.0|Example|Vault|1|7|x5e|src=192.0.2.1^usrName=anna^cat=x y'],
    ['2.0 with an empty delimiter', 'LEEF:2.0|Example|Vault|1|7||src=192.0.2.1\tusrName=anna\tcat=x y'],
    ['2.0 without a delimiter', 'LEEF:2.0|Example|Vault|1|7|src=192.0.2.1\tusrName=anna\tcat=x y'],
  ])('%s', (_, line) => {
    expect(readLeef(line)).toEqual({ vendor: 'Example', product: 'Vault', deviceVersion: '1', eventId: '7', attributes: expected });
  });
});

describe('pairs', () => {
  it('with quotes and several separators', () => {
    expect(readKeyValues('a="x \\"y\\"";b=2, c="" d=e a=again "')).toEqual({ a: 'x "y"', b: '2', c: '', d: 'e' });
  });
  it('that end with semicolons, with escapes', () => {
    expect(readSemicolonPairs('Command=ls \\; x\\=1 C:\\temp;Empty=;User=root')).toEqual({
      Command: 'ls ; x=1 C:\\temp',
      Empty: '',
      User: 'root',
    });
  });
});

describe('XML', () => {
  it('becomes objects, lists and text', () => {
    expect(readXml('<?xml version="1.0"?><!-- c --><a x="1&amp;2"><b>t &lt;&#65;&#x42;</b><b/><c><![CDATA[<raw>]]></c></a>')).toEqual({
      a: { x: '1&2', b: ['t <AB', ''], c: '<raw>' },
    });
  });
  it('is refused when it is not well-formed, too deep or too large', () => {
    for (const text of [
      '',
      'x',
      '<a>',
      '<a></b>',
      '<!DOCTYPE a><a/>',
      `${'<a>'.repeat(40)}${'</a>'.repeat(40)}`,
      `<a>${'<b/>'.repeat(10_001)}</a>`,
    ])
      expect(readXml(text)).toBeUndefined();
  });
});

describe('any text', () => {
  const nasty = fc.array(
    fc.constantFrom(
      '<',
      '>',
      '"',
      '\\',
      '|',
      '=',
      ' ',
      '[',
      ']',
      'CEF:0|',
      'LEEF:2.0|',
      '<5>1 ',
      'a=',
      ';',
      '&#',
      '-',
      '\t',
      '<a ',
      '</a>',
      '<!--',
      'Jan  5 09:00:00 ',
    ),
  );
  it('is read without an exception', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          nasty.map((parts) => parts.join('')),
        ),
        (line) => typeof readLogLine(line, RECEIVED).body.form === 'string',
      ),
      { numRuns: 2_000 },
    );
  });
});

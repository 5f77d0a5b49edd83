import { describe, expect, it } from 'vitest';
import { readLogLine } from '../src/syslog/line.js';
import { haveSamples, samplePath, samplesNote, sampleText } from './vendor-samples.js';

const RECEIVED = Date.UTC(2026, 0, 5, 9, 1);
const NINE = Date.UTC(2026, 0, 5, 9);
/** What the templates leave open. */
const FILL: Readonly<Record<string, string>> = {
  mark: '<134>',
  bsd: 'Jan  5 09:00:00',
  iso: '2026-01-05T09:00:00',
  host: 'host-a',
  pid: '4711',
  epoch: '1767603600',
  date: '2026-01-05',
  rsatime: '09:00:00,123',
};

interface Message {
  readonly template: string;
  readonly line: string;
}
const messages = (): readonly Message[] =>
  sampleText(samplePath('sc4s', 'messages.txt'))
    .split('\n')
    .filter((row) => row.includes('\t'))
    .map((row) => row.slice(row.indexOf('\t') + 1))
    .map((template) => ({
      template,
      line: template
        .replace(/\{\{ *(\w+) *\}\}/g, (_, name: string) => FILL[name] ?? '')
        .replace(/\\n$/, '')
        .replaceAll('\\t', '\t'),
    }));

describe.skipIf(!haveSamples)(`syslog readers against the header variants of a collector${samplesNote}`, () => {
  it('find the time in every line that has one, and the host where it stands alone', () => {
    for (const { template, line } of messages()) {
      const { header } = readLogLine(line, RECEIVED);
      expect(header.time, template).toBeDefined();
      if (/\{\{ *mark *\}\}(?:1 | )?\{\{ *(?:bsd|iso) *\}\}/.test(template)) expect(header.time, template).toBe(NINE);
      if (/\}\} \{\{ *host *\}\} /.test(template)) expect(header.host, template).toBe('host-a');
    }
  });
  it('find program and process where they stand', () => {
    for (const { template, line } of messages()) {
      const tag = /(?:\}\} |\d\d )([\w/]+)\[(?:\{\{ *pid *\}\}|(\d+))\]: /.exec(template);
      if (!tag) continue;
      expect(readLogLine(line, RECEIVED).header, template).toMatchObject({ app: tag[1], procId: tag[2] ?? '4711' });
    }
  });
  it('read CEF and LEEF in each, with all their fields', () => {
    let read = 0;
    for (const { template, line } of messages()) {
      const { body } = readLogLine(line, RECEIVED);
      if (template.includes('CEF:0|')) {
        expect(body.form, template).toBe('cef');
        if (body.form !== 'cef') continue;
        const name = template.split('|')[5];
        expect(body.value.name).toBe(name);
        expect(body.value.extension['suser']).toBe(/ suser=(\S+)/.exec(template)?.[1]);
        expect(body.value.extension['shost']).toBe(/ shost=(\S+)/.exec(template)?.[1]);
        read += 1;
      } else if (template.includes('LEEF:')) {
        expect(body.form, template).toBe('leef');
        if (body.form !== 'leef') continue;
        expect(body.value.attributes['src'], template).toBe(/[|^]src=([\d.]+)/.exec(template)?.[1]);
        expect(body.value.attributes['usrName'], template).toBe(/usrName=([\w.]*)/.exec(template)?.[1]);
        read += 1;
      }
    }
    expect(read).toBeGreaterThan(25);
  });
  it('read the structured data of RFC 5424, also without its version', () => {
    const found = messages().flatMap(({ line }) => {
      const data = readLogLine(line, RECEIVED).header.structured?.['SecureAuth@27389'];
      return data === undefined ? [] : [data];
    });
    expect(found).toHaveLength(2);
    for (const data of found) expect(data).toMatchObject({ Category: 'AUDIT' });
  });
});

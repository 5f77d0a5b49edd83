import { describe, expect, it } from 'vitest';
import { AccessEvent, type ParseResult } from '@keyward/events';
import { at, firstText, objects, object, text } from '../src/json.js';
import { linux } from '../src/linux/linux.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { parsePayload, parseSlice } from '../src/payload.js';
import { OcsfSchema } from './ocsf-schema.js';
import { AgreementTable, haveSamples, sampleFiles, sampleJson, samplePath, samplesNote, sampleText } from './vendor-samples.js';

const NOW = Date.UTC(2023, 11, 1);
const parseLine = (line: string): ParseResult => parseSlice(linux, { kind: 'text', line: 1, text: line.trim() }, { now: NOW })[0]!;

/** Lines whose program says nothing about access, or nothing that another line of the same act does not say. */
const MAY_BE_IGNORED =
  /CRON|foo\[|Did not receive|\(command continued\)|Connection |Received disconnect|reset by peer|max retries|message repeated|requirement "|unable to execute|Server listening|terminating|identification/;

describe.skipIf(!haveSamples)(`linux against other people's logs${samplesNote}`, () => {
  it('agrees with their expectations on time, user, address, outcome and action', () => {
    const table = new AgreementTable();
    const schema = new OcsfSchema();
    for (const path of sampleFiles('elastic/system/auth', '.log')) {
      if (path.includes('multiline')) continue;
      const lines = sampleText(path)
        .split('\n')
        .filter((line) => line.trim() !== '');
      const expected = objects(object(sampleJson(`${path}-expected.json`))['expected']);
      expect(expected).toHaveLength(lines.length);
      lines.forEach((line, index) => {
        const wanted = expected[index] ?? {};
        const where = `${path.split('/').at(-1) ?? ''}:${String(index + 1)}`;
        const result = parseLine(line);
        expect(result.kind, line).not.toBe('rejected');
        if (result.kind !== 'kept') {
          expect(line).toMatch(MAY_BE_IGNORED);
          return;
        }
        const event = AccessEvent.parse(result.event);
        expect(schema.check(object(JSON.parse(JSON.stringify(toOcsf(event))))), line).toEqual([]);
        table.compare('time', where, event.time, Date.parse(text(wanted['@timestamp']) ?? ''));
        const user = firstText(at(wanted, 'user', 'name'));
        const names = [event.actor, event.target].map((account) => account?.name.replace(/@.*$/, ''));
        if (user !== undefined) table.compare('user', where, names.includes(user) ? user : names.join(), user);
        const effective = text(at(wanted, 'user', 'effective', 'name'));
        if (effective !== undefined) table.compare('effective', where, names.includes(effective) ? effective : names.join(), effective);
        const ip = text(at(wanted, 'source', 'ip'));
        if (ip !== undefined) table.compare('src', where, event.src?.ip, ip);
        const outcome = text(at(wanted, 'event', 'outcome'));
        if (outcome !== undefined) table.compare('outcome', where, event.outcome, outcome);
        const action = text(at(wanted, 'event', 'action'));
        if (action !== undefined) table.compare('action', where, event.code, action);
        const command = text(at(wanted, 'system', 'auth', 'sudo', 'command'));
        if (command !== undefined) table.compare('command', where, event.command, command);
      });
    }
    console.log(`${table.text}\n${table.differences.join('\n')}`);
    expect(table.share).toBe(1);
  });

  it('keeps every login and session of 2,000 sshd lines with user, address and outcome', () => {
    const results = parsePayload(linux, Buffer.from(sampleText(samplePath('loghub/OpenSSH/OpenSSH_2k.log'))), { now: NOW });
    const lines = sampleText(samplePath('loghub/OpenSSH/OpenSSH_2k.log')).trim().split('\n');
    expect(results).toHaveLength(lines.length);
    const ignored: Record<string, number> = {};
    lines.forEach((line, index) => {
      const result = results[index]!;
      if (result.kind === 'rejected') throw new Error(`${result.code}: ${line}`);
      if (result.kind === 'ignored') {
        ignored[result.reason] = (ignored[result.reason] ?? 0) + 1;
        expect(line).not.toMatch(/Accepted|Failed|session opened|session closed|: Invalid user|authentication failure/);
        return;
      }
      const { event } = result;
      if (/session (?:opened|closed)|Accepted/.test(line)) expect(event.outcome, line).toBe('success');
      else expect(event.outcome, line).toBe('failure');
      const ip = /(?:from|rhost=) ?(\d+\.\d+\.\d+\.\d+)(?=\s|$)/.exec(line)?.[1];
      if (ip !== undefined && /Failed|Accepted|Invalid user|rhost=/.test(line)) expect(event.src?.ip, line).toBe(ip);
      const user = /(?:invalid user|Invalid user|password for(?! invalid)|for user| user=) ?(\S+)/.exec(line)?.[1];
      if (user !== undefined && user !== 'from') expect(event.actor?.name, line).toBe(`${user.toLowerCase()}@labsz`);
    });
    console.table(ignored);
  });
});

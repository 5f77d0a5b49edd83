// Vendor records for the benchmark: the demo organisation's thirty days, again and again, each time with record ids of its own.
import { demoStart, makeDemo } from '@keyward/fixtures';

const DAY_MS = 86_400_000;
const DAYS = 30;

/**
 * @param count how many records
 * @param now epoch ms; the last history ends the day before
 * @returns the organisation and records in order of event time
 */
export function history(count, now) {
  const one = [...makeDemo(demoStart(now)).records()].length;
  const rounds = Math.max(1, Math.ceil(count / one));
  const start = demoStart(now) - (rounds - 1) * DAYS * DAY_MS;
  const records = [];
  for (let round = 0; round < rounds && records.length < count; round += 1) {
    for (const record of makeDemo(start + round * DAYS * DAY_MS).records()) {
      if (records.length >= count) break;
      records.push(withOwnId(record, `h${round}`));
    }
  }
  return { organisation: makeDemo(start).organisation, records };
}

/**
 * Sign-ins and vault acts of the demo, told as of now: a load that runs beside what is measured. Endless.
 *
 * @param without logins that take no part in it
 */
export function* liveLoad(now, without) {
  const usual = [...makeDemo(demoStart(now())).records()].filter(({ record }) => {
    const text = JSON.stringify(record);
    return record.category !== 'AuditLogs' && !without.some((login) => text.includes(login));
  });
  let at = 0;
  for (let round = 0; ; round += 1) {
    for (const record of usual) yield retimed(withOwnId(inOtherName(record, (at += 1) % CROWD), `l${round}`), now());
  }
}

/** Sixty people who do a thousand things a second are alarming, each of them; a crowd is not. */
const CROWD = 200;
function inOtherName({ source, time, record }, number) {
  const text = JSON.stringify(record)
    .replace(/([\w.-]+)@/gu, `$1.${number}@`)
    .replace(/"Issuer":"([^"@]+)"/u, `"Issuer":"$1.${number}"`);
  return { source, time, record: JSON.parse(text) };
}

function withOwnId({ source, time, record }, mark) {
  if (source === 'okta') return { source, time, record: { ...record, uuid: `${mark}-${record.uuid}` } };
  if (source === 'entra')
    return { source, time, record: { ...record, properties: { ...record.properties, id: `${mark}-${record.properties.id}` } } };
  return { source, time, record }; // CyberArk gives no id: the record itself is hashed, and its time is in it
}

function retimed({ source, record }, time) {
  const at = new Date(time).toISOString();
  if (source === 'okta') return { source, time, record: { ...record, published: at } };
  if (source === 'entra')
    return { source, time, record: { ...record, time: at, properties: { ...record.properties, createdDateTime: at } } };
  const audit = { ...record.syslog.audit_record, IsoTimestamp: at };
  return { source, time, record: { ...record, syslog: { ...record.syslog, audit_record: audit } } };
}

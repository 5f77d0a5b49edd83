import { z } from 'zod';
import { EventClass, Outcome, type EventSummary } from '@keyward/contract';
import { isoInstant, networkOf } from '@keyward/events';
import type { Directory } from './directory.js';
import { ms, orNull } from './sql.js';
import { TermsColumn } from './term-rows.js';

/** Columns of a summary. The strongest term is cut out by the server: it alone is put into words. */
export const EVENT_COLUMNS = `uid, ${ms('time')} AS at, source, class, activity, code, outcome, identity, actor_name AS account, target_name AS target,
  src_ip AS ip, city, country, as_org AS asOrg, device, device_os AS os, browser, application, resource_name AS resource, resource_kind AS resourceKind,
  detail, score, concat('[', JSONExtractRaw(terms, 1), ']') AS strongest`;

export const EventRow = z.object({
  uid: z.string(),
  at: z.number(),
  source: z.string(),
  class: EventClass,
  activity: z.string(),
  code: z.string(),
  outcome: Outcome,
  identity: z.string(),
  account: z.string(),
  target: z.string(),
  ip: z.string(),
  city: z.string(),
  country: z.string(),
  asOrg: z.string(),
  device: z.string(),
  os: z.string(),
  browser: z.string(),
  application: z.string(),
  resource: z.string(),
  resourceKind: z.string(),
  detail: z.string(),
  score: z.number(),
  strongest: TermsColumn,
});
export type EventRow = z.infer<typeof EventRow>;

export function eventSummary(row: EventRow, directory: Directory): EventSummary {
  const software = [row.browser, row.os].filter((part) => part !== '').join(' on ');
  return {
    uid: row.uid,
    time: isoInstant(row.at),
    source: row.source,
    class: row.class,
    activity: row.activity,
    code: row.code,
    outcome: row.outcome,
    identity: directory.ref(row.identity),
    account: orNull(row.account),
    target: orNull(row.target),
    ip: orNull(row.ip),
    network: row.ip === '' ? null : (networkOf(row.ip) ?? null),
    city: orNull(row.city),
    country: orNull(row.country),
    asOrg: orNull(row.asOrg),
    device: orNull(row.device) ?? orNull(software),
    application: orNull(row.application),
    resource: orNull(row.resource),
    resourceKind: orNull(row.resourceKind),
    detail: orNull(row.detail),
    score: row.score,
    reason: row.strongest[0]?.sentence ?? null,
  };
}

import { z } from 'zod';
import type { RiskContribution } from '@keyward/alerts';
import type { RiskContributionView } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';

const named = defineQuery({
  name: 'risk.contributions',
  sql: `SELECT f.uid AS uid, f.title AS title, f.event_uid AS eventUid, a.uid AS alertUid
FROM (SELECT uid, title, event_uid FROM findings WHERE uid IN {uids:Array(String)} LIMIT 1 BY uid) AS f
LEFT JOIN (SELECT uid, arrayJoin(finding_uids) AS finding FROM alerts FINAL WHERE hasAny(finding_uids, {uids:Array(String)})) AS a ON a.finding = f.uid
LIMIT 1 BY f.uid`,
  params: z.object({ uids: z.array(z.string()) }),
  row: z.object({ uid: z.string(), title: z.string(), eventUid: z.string(), alertUid: z.string() }),
});

/** Contributions that are shown; the others are below a thousandth of the risk. */
const SHOWN = 20;

/** Puts titles and links to what makes up a risk. @param contributions strongest first */
export async function contributionViews(
  clickhouse: ClickHouse,
  contributions: readonly (RiskContribution & { readonly share: number })[],
): Promise<RiskContributionView[]> {
  const shown = contributions.slice(0, SHOWN);
  if (shown.length === 0) return [];
  const rows = await clickhouse.query(named, { uids: shown.map((contribution) => contribution.findingUid) });
  const byUid = new Map(rows.map((row) => [row.uid, row]));
  return shown.map((contribution) => {
    const row = byUid.get(contribution.findingUid);
    return {
      findingUid: contribution.findingUid,
      detection: contribution.detection,
      title: row?.title ?? contribution.detection,
      at: isoInstant(contribution.at),
      evidence: contribution.evidence,
      halfLifeDays: contribution.halfLifeDays,
      share: contribution.share,
      alertUid: row && row.alertUid !== '' ? row.alertUid : null,
      eventUid: row?.eventUid ?? null,
    };
  });
}

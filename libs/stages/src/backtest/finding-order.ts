import { DETECTIONS, type Finding } from '@keyward/detections';
import { UNUSUAL_BEHAVIOUR } from '../behaviour-finding.js';

const ofLedger = (kind: (typeof DETECTIONS)[number]['ledger']): string[] =>
  DETECTIONS.filter(({ ledger }) => ledger === kind).map(({ id }) => id);
/** As ASSESS comes to them for one event: the identity's entry with its detections and then its score, the network's, the credential's. */
const RANKS = new Map(
  [...ofLedger('identity'), UNUSUAL_BEHAVIOUR, ...ofLedger('network'), ...ofLedger('credential')].map((id, rank) => [id, rank]),
);
const rankOf = ({ detection }: Finding): number => RANKS.get(detection) ?? RANKS.size;

/** The order in which ALERT meets findings, as far as they tell: the first one of an alert gives it its uid. Total. */
export const inLineOrder = (a: Finding, b: Finding): number =>
  a.time - b.time || compare(a.eventUid, b.eventUid) || rankOf(a) - rankOf(b) || compare(a.uid, b.uid);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

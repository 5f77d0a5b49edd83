/** Names of the topics; the version is that of the record's schema. */
export const rawTopic = (source: string): string => `access.raw.${source}`;
/** Verdicts that people give at the dashboard, one record for each ledger concerned: INGEST gives them their place among the events. */
export const VERDICTS_TOPIC = 'access.verdicts';
export const EVENTS_TOPIC = 'access.events';
export const FINDINGS_TOPIC = 'access.findings';
export const ALERTS_TOPIC = 'access.alerts';
/** What people decide at the dashboard (approve, deny, revoke): consumed by RESPOND. */
export const DECISIONS_TOPIC = 'access.decisions';
export const DEAD_LETTER_TOPIC = 'access.dead-letter';
/** Where each collector goes on, compacted: written in one transaction with the records that led there. */
export const CURSORS_TOPIC = 'access.cursors';

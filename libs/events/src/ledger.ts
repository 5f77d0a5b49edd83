import { z } from 'zod';
import { AccessEvent } from './access-event.js';

/**
 * A ledger is what one fold runs over: all events of one identity, one source network, or one vaulted credential, in partition order.
 * Kafka key of `access.events`, so that each ledger lives in exactly one partition and one worker.
 */
export const LEDGER_KINDS = ['identity', 'network', 'credential'] as const;
export const LedgerKind = z.enum(LEDGER_KINDS);
export type LedgerKind = z.infer<typeof LedgerKind>;

/** Why an event stands in a ledger. `actor` entries are scored (in the credential's ledger those of an account that is nobody's own); the others teach and are tested by detections. */
export const Part = z.enum(['actor', 'target', 'network', 'credential']);
export type Part = z.infer<typeof Part>;

/** One message of `access.events`. An event gets one entry a ledger that it concerns; exactly one of them is `primary` and makes the event's row. */
export const LedgerEntry = z.object({
  ledger: LedgerKind,
  key: z.string().min(1).describe('Identity id, network prefix or credential account, without the ledger kind'),
  part: Part,
  primary: z.boolean(),
  event: AccessEvent,
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;

/** Kafka key: `identity:p-anna`, `network:198.51.100.0/24`, `credential:root@db1`. */
export const ledgerId = (entry: Pick<LedgerEntry, 'ledger' | 'key'>): string => `${entry.ledger}:${entry.key}`;

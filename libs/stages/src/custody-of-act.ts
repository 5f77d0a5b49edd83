import type { Finding } from '@keyward/detections';
import { isoInstant, type Holder, type LedgerEntry } from '@keyward/events';
import { holdersAt, type Custody, type Organisation } from '@keyward/identity';

/** In whose hands an account was when it acted. */
export interface CustodyOfAct {
  /** The account as the organisation spells it: `root@db1`. */
  readonly account: string;
  /** Whom the act counts for; undefined when several held the account and it can't be told which of them acted. */
  readonly holder: string | undefined;
  readonly holders: readonly Holder[];
  /** `root@db1, held by Anna Berg (p-anna) since 2026-01-05 10:02 UTC (check-out).` */
  readonly sentence: string;
}

const WAYS: Readonly<Record<Holder['through'], string>> = {
  check_out: 'check-out',
  use: 'use through the vault',
  session: 'brokered session',
  switch: 'su or sudo',
};
/** Names in one sentence; more are counted. */
const MAX_NAMES = 4;

/** @returns undefined for everything but an act of an account that somebody is known to hold */
export function custodyOf(
  { ledger, key, part, event }: LedgerEntry,
  custody: Custody,
  organisation: Organisation,
): CustodyOfAct | undefined {
  if (ledger !== 'credential' || part !== 'actor') return undefined;
  const holders = holdersAt(custody, event).map(({ identity, since, through }): Holder => ({ identity, since, through }));
  return custodyByHolders(key, holders, organisation);
}

/** @param account as the organisation spells it @param holders who had it, if anybody */
export function custodyByHolders(account: string, holders: readonly Holder[], organisation: Organisation): CustodyOfAct | undefined {
  const [first, ...others] = holders;
  if (!first) return undefined;
  const words = holders.slice(0, MAX_NAMES).map((holder) => wordsOf(holder, organisation));
  if (others.length === 0) return { account, holder: first.identity, holders, sentence: `${account}, held by ${words.join('')}.` };
  const more = holders.length > MAX_NAMES ? ` and ${holders.length - MAX_NAMES} more` : '';
  return {
    account,
    holder: undefined,
    holders,
    sentence: `${account}, held by several, and it cannot be told who acted: ${words.join('; ')}${more}.`,
  };
}

function wordsOf({ identity, since, through }: Holder, organisation: Organisation): string {
  const displayName = organisation.identity(identity)?.displayName;
  const name = displayName === undefined ? identity : `${displayName} (${identity})`;
  return `${name} since ${isoInstant(since).slice(0, 16).replace('T', ' ')} UTC (${WAYS[through]})`;
}

/**
 * A finding about an act of the account becomes one about its holder, and says so. One about somebody else stays as it is.
 *
 * @param own the account's own identity
 */
export function withCustody(finding: Finding, own: string, { account, holder, holders, sentence }: CustodyOfAct): Finding {
  const identity = holder ?? own;
  if (finding.identity !== own && finding.identity !== identity) return finding;
  return {
    ...finding,
    identity,
    // What the holder does under a name of his own is other evidence.
    dedupeKey: finding.dedupeKey.includes(account) ? finding.dedupeKey : `${finding.dedupeKey}:${account}`,
    sentence: holder === undefined ? finding.sentence : `As ${account}: ${finding.sentence}`,
    observed: { account, heldBy: holders.map((one) => one.identity), ...finding.observed },
    explanation: [sentence, ...finding.explanation],
  };
}

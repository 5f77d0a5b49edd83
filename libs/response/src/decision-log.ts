import { createHash } from 'node:crypto';
import { Effect } from './effect.js';

/** A step before it has its place in the chain. */
export type EffectDraft = Omit<Effect, 'seq' | 'prevHash' | 'hash'>;
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}
/** `prevHash` of the first link. */
export const GENESIS_HASH = '0'.repeat(64);

export type ChainCheck =
  | { readonly ok: true; readonly head: ChainHead | undefined; readonly links: number }
  | { readonly ok: false; readonly brokenAt: number; readonly why: string };

/**
 * Chains steps to what is already in the log. Pure; one writer a chain.
 *
 * @param head newest link of the chain; undefined when it is empty
 * @throws Error when a draft belongs to another chain: a bug of the caller
 */
export function appendLinks(chain: string, head: ChainHead | undefined, drafts: readonly EffectDraft[]): Effect[] {
  let seq = head ? head.seq + 1 : 0;
  let prevHash = head?.hash ?? GENESIS_HASH;
  return drafts.map((draft) => {
    if (draft.chain !== chain) throw new Error(`a step of chain ${draft.chain} can't be appended to ${chain}`);
    const link = { ...draft, seq, prevHash };
    const effect: Effect = { ...link, hash: hashOf(link) };
    seq += 1;
    prevHash = effect.hash;
    return effect;
  });
}

/**
 * Checks the links of one chain in the order of the log. Finds a changed field, a link that is missing, doubled or out of order.
 * That the newest links were cut off can only be seen from outside: give the head that is known from elsewhere as `until`.
 *
 * @param rows of one chain, by `seq`
 * @param bounds `after`: the link before the first row, when older ones were archived; `until`: the head that must be reached
 */
export function verifyChain(rows: readonly Effect[], bounds: { readonly after?: ChainHead; readonly until?: ChainHead } = {}): ChainCheck {
  let head = bounds.after;
  const chain = rows[0]?.chain;
  for (const row of rows) {
    const expected = head ? head.seq + 1 : 0;
    const broken = (why: string): ChainCheck => ({ ok: false, brokenAt: expected, why });
    if (row.chain !== chain) return broken(`link ${row.seq} belongs to chain ${row.chain}`);
    if (row.seq > expected) return broken(`link ${expected} is missing: ${row.seq} follows`);
    if (row.seq < expected) return broken(`link ${row.seq} is doubled or out of order`);
    if (row.prevHash !== (head?.hash ?? GENESIS_HASH)) return broken('it does not follow from the link before it');
    if (row.hash !== hashOf(row)) return broken('its content was changed');
    head = { seq: row.seq, hash: row.hash };
  }
  if (bounds.until && (head?.seq !== bounds.until.seq || head.hash !== bounds.until.hash)) {
    return { ok: false, brokenAt: head ? head.seq + 1 : 0, why: `the log ends before link ${bounds.until.seq}, its known head` };
  }
  return { ok: true, head, links: rows.length };
}

/**
 * SHA-256 over the canonical JSON (keys sorted, no white space, after RFC 8785) of all fields but the hash itself.
 * An optional field that is absent counts as empty, since a column store gives it back as ''.
 */
function hashOf(link: Omit<Effect, 'hash'>): string {
  const fields = FIELDS.map((name) => [name, link[name] ?? ''] as const);
  return createHash('sha256')
    .update(`{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`)
    .digest('hex');
}

/** From the schema, so that a field that is added to `Effect` can't be forgotten here. */
const FIELDS = Effect.omit({ hash: true }).keyof().options.toSorted();

import type { Grant } from '@keyward/identity';
import type { BacktestHistory } from './history.js';

/**
 * A grant as it stood at an instant, told from its newest state. Of an ended one its start and end say when it was in somebody's hands; which it was
 * of requested, approved and eligible before is not told any more.
 *
 * @param at epoch ms
 * @returns undefined when it was not active then
 */
export function grantThen(grant: Grant, at: number): Grant | undefined {
  if (grant.startsAt !== undefined && grant.startsAt > at) return undefined;
  if (grant.state === 'active') return grant.endsAt === undefined || grant.endsAt > at ? grant : undefined;
  if (grant.state !== 'revoked' && grant.state !== 'expired') return undefined;
  const ended = Math.min(grant.endedAt ?? Infinity, grant.endsAt ?? Infinity);
  if (grant.startsAt === undefined || ended <= at) return undefined;
  const { endedAt: _, ...open } = grant;
  return { ...open, state: 'active' };
}

/** Identities whose grants are kept; some grants each. */
const MAX_IDENTITIES = 5_000;

/** Grants of those whom the findings at hand are about. */
export class GrantsThen {
  readonly #history: Pick<BacktestHistory, 'grantsOf'>;
  readonly #known = new Map<string, readonly Grant[]>();

  constructor(history: Pick<BacktestHistory, 'grantsOf'>) {
    this.#history = history;
  }

  /** @throws UnavailableError */
  async load(identities: Iterable<string>): Promise<void> {
    const missing = [...new Set(identities)].filter((identity) => !this.#known.has(identity));
    if (missing.length === 0) return;
    if (this.#known.size > MAX_IDENTITIES) this.#known.clear();
    const loaded = new Map<string, Grant[]>(missing.map((identity) => [identity, []]));
    for (const grant of await this.#history.grantsOf(missing)) loaded.get(grant.identity)?.push(grant);
    for (const [identity, grants] of loaded) this.#known.set(identity, grants);
  }

  /** Those that were active at the instant. What was not loaded has none. */
  activeOf(identity: string, at: number): readonly Grant[] {
    return (this.#known.get(identity) ?? []).flatMap((grant) => grantThen(grant, at) ?? []);
  }
}

import type { Grant } from '@keyward/identity';

/** What a revoker did. `dry_run` says that the system would have accepted it. */
export type RevokeResult =
  | { readonly kind: 'revoked'; readonly sessionsEnded: number; readonly reference?: string }
  | { readonly kind: 'already_absent' }
  | { readonly kind: 'dry_run'; readonly reference?: string };

export interface RevokeOptions {
  /** Shown in the vendor's own audit log. Never empty. */
  readonly reason: string;
  readonly signal: AbortSignal;
  /** Ask the system whether it would; change nothing. */
  readonly dryRun: boolean;
  /** Same id on every retry of the same effect: a system that supports it does the work once. */
  readonly idempotencyKey: string;
}

/**
 * Takes a just-in-time grant back in the system that issued it.
 * One implementation per product, under `libs/adapters/connectors/src/<product>/`.
 */
export interface GrantRevoker {
  /** The connector's id in the policy file, e.g. `pg-payments`. */
  readonly id: string;
  /** The product, e.g. `postgresql`, `entra_pim`, `webhook`. */
  readonly product: string;
  /**
   * Idempotent: a grant that is already gone resolves to `already_absent`.
   * @throws UnavailableError, RateLimitedError: try again with backoff; ForbiddenError, InvalidInputError: somebody must act
   */
  revoke(grant: Grant, options: RevokeOptions): Promise<RevokeResult>;
  /**
   * Looks in the system itself: "200 OK" is not "access gone".
   * @returns what still stands; an empty list means verified
   */
  verify(grant: Grant, signal: AbortSignal): Promise<readonly string[]>;
}

import { inspect } from 'node:util';
import { AppError, describeError, type AppError as AppErrorType } from '@keyward/runtime';
import type { Grant } from '@keyward/identity';
import type { GrantRevoker } from '@keyward/response';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export type RevokerTrouble = 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'rate_limited' | 'unavailable' | 'hangs';

/** One system with one active grant, and how to look into it from outside. */
export interface RevokerFixture {
  readonly revoker: GrantRevoker;
  readonly grant: Grant;
  /** Looks in the system itself, not through the revoker. */
  isActive(): Promise<boolean>;
  /** What must never stand in an error. */
  readonly secrets: readonly string[];
  /** Makes the next revocation meet trouble. */
  readonly troubles: Partial<Record<RevokerTrouble, () => Promise<void> | void>>;
  stop(): Promise<void>;
}

const EXPECTED: Readonly<Record<RevokerTrouble, { readonly name: string; readonly disposition: 'reject' | 'retry' }>> = {
  unauthenticated: { name: 'UnauthenticatedError', disposition: 'reject' },
  forbidden: { name: 'ForbiddenError', disposition: 'reject' },
  not_found: { name: 'NotFoundError', disposition: 'reject' },
  conflict: { name: 'ConflictError', disposition: 'reject' },
  rate_limited: { name: 'RateLimitedError', disposition: 'retry' },
  unavailable: { name: 'UnavailableError', disposition: 'retry' },
  hangs: { name: 'UnavailableError', disposition: 'retry' },
};

/**
 * What every revoker promises. Call it in a test file of the connector.
 *
 * @param make a fresh system with one active grant; its revoker should time out within two seconds
 * @param troubles those that the fixture can play
 */
export function grantRevokerContract(product: string, make: () => Promise<RevokerFixture>, troubles: readonly RevokerTrouble[]): void {
  describe(`grant revoker contract: ${product}`, () => {
    let fixture: RevokerFixture;
    beforeEach(async () => {
      fixture = await make();
    });
    afterEach(async () => {
      await fixture.stop();
    });
    const options = (more: { readonly dryRun?: boolean; readonly signal?: AbortSignal } = {}) => ({
      reason: 'Contract: impossible travel.',
      signal: more.signal ?? new AbortController().signal,
      dryRun: more.dryRun ?? false,
      idempotencyKey: 'effect-contract',
    });
    const failure = async (work: Promise<unknown>): Promise<AppErrorType> => {
      try {
        await work;
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        return error as AppErrorType;
      }
      throw new Error('it did not fail');
    };

    it('takes the grant back, and sees that it is gone', async () => {
      const { revoker, grant } = fixture;
      expect(await fixture.isActive()).toBe(true);
      expect(await revoker.verify(grant, new AbortController().signal)).not.toEqual([]);
      expect((await revoker.revoke(grant, options())).kind).toBe('revoked');
      expect(await fixture.isActive()).toBe(false);
      expect(await revoker.verify(grant, new AbortController().signal)).toEqual([]);
    });

    it('is idempotent: a second revocation finds nothing to do', async () => {
      const { revoker, grant } = fixture;
      await revoker.revoke(grant, options());
      expect(await revoker.revoke(grant, options())).toEqual({ kind: 'already_absent' });
      expect(await fixture.isActive()).toBe(false);
    });

    it('changes nothing in a dry run', async () => {
      const { revoker, grant } = fixture;
      expect((await revoker.revoke(grant, options({ dryRun: true }))).kind).toBe('dry_run');
      expect(await fixture.isActive()).toBe(true);
    });

    it('does nothing when the signal has aborted already', async () => {
      const error = await failure(fixture.revoker.revoke(fixture.grant, options({ signal: AbortSignal.abort() })));
      expect(error.disposition).toBe('retry');
      expect(await fixture.isActive()).toBe(true);
    });

    it.each(troubles)('says what it means when the system is: %s', async (trouble) => {
      await fixture.troubles[trouble]?.();
      const error = await failure(fixture.revoker.revoke(fixture.grant, options()));
      expect({ name: error.name, disposition: error.disposition }).toEqual(EXPECTED[trouble]);
      if (trouble === 'rate_limited') expect(error.context['retryAfterMs']).toBeGreaterThan(0);
      const said = `${describeError(error)} ${inspect(error, { depth: 10 })} ${JSON.stringify(error)}`;
      for (const secret of fixture.secrets) expect(said).not.toContain(secret);
      expect(fixture.secrets.length).toBeGreaterThan(0);
    });

    it.runIf(troubles.includes('hangs'))('lets go at once when the signal aborts while the system hangs', async () => {
      await fixture.troubles.hangs?.();
      const controller = new AbortController();
      const started = performance.now();
      const failing = failure(fixture.revoker.revoke(fixture.grant, options({ signal: controller.signal })));
      setTimeout(() => {
        controller.abort();
      }, 50);
      expect((await failing).disposition).toBe('retry');
      expect(performance.now() - started).toBeLessThan(1_000);
    });
  });
}

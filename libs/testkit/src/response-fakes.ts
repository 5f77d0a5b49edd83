import { toCloudEvent, type CloudEvent } from '@keyward/alerts';
import type { Grant } from '@keyward/identity';
import type { AlertSink, Delivery, GrantRevoker, RevokeOptions, RevokeResult } from '@keyward/response';
import { UnavailableError } from '@keyward/runtime';

type Trouble = Error | 'hang';

/** A system in memory whose grants can be taken back. Passes the revoker contract. */
export class InMemoryRevoker implements GrantRevoker {
  readonly id: string;
  readonly product = 'in_memory';
  /** Uids of grants that are active in the system. */
  readonly active: Set<string>;
  /** Uids of grants that stay, whatever it says: "200 OK" is not "access gone". */
  readonly sticky = new Set<string>();
  /** Every call, dry runs too. */
  readonly calls: { readonly grantUid: string; readonly idempotencyKey: string; readonly reason: string; readonly dryRun: boolean }[] = [];
  readonly #troubles: Trouble[] = [];

  constructor(id: string, active: Iterable<string>) {
    this.id = id;
    this.active = new Set(active);
  }
  /** What the next revocations meet, one each. */
  failNext(...troubles: readonly Trouble[]): void {
    this.#troubles.push(...troubles);
  }
  async revoke(grant: Grant, { idempotencyKey, reason, dryRun, signal }: RevokeOptions): Promise<RevokeResult> {
    if (signal.aborted) throw aborted();
    this.calls.push({ grantUid: grant.uid, idempotencyKey, reason, dryRun });
    await meet(this.#troubles.shift(), signal);
    if (!this.active.has(grant.uid)) return { kind: 'already_absent' };
    if (dryRun) return { kind: 'dry_run' };
    if (!this.sticky.has(grant.uid)) this.active.delete(grant.uid);
    return { kind: 'revoked', sessionsEnded: 1 };
  }
  verify(grant: Grant, signal: AbortSignal): Promise<readonly string[]> {
    if (signal.aborted) return Promise.reject(aborted());
    return Promise.resolve(this.active.has(grant.uid) ? [`${grant.entitlement} is still active`] : []);
  }
}

/** A receiver in memory. Passes the sink contract. */
export class InMemorySink implements AlertSink {
  readonly id: string;
  readonly product = 'in_memory';
  /** What has arrived, repeats too. */
  readonly arrived: { readonly id: string; readonly event: CloudEvent }[] = [];
  readonly #troubles: Trouble[] = [];

  constructor(id: string) {
    this.id = id;
  }
  failNext(...troubles: readonly Trouble[]): void {
    this.#troubles.push(...troubles);
  }
  async deliver({ id, alert, link }: Delivery, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw aborted();
    await meet(this.#troubles.shift(), signal);
    this.arrived.push({ id, event: toCloudEvent(alert, { id, link, productVersion: 'test' }) });
  }
}

const aborted = (): UnavailableError => new UnavailableError('in_memory.aborted', 'The work was broken off.');

async function meet(trouble: Trouble | undefined, signal: AbortSignal): Promise<void> {
  if (trouble === undefined) return;
  if (trouble !== 'hang') throw trouble;
  await new Promise<void>((_resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new UnavailableError('in_memory.timeout', 'No answer.'));
    }, 500);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(aborted());
    });
  });
}

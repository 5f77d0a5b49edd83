import { deterministicUid, isoInstant } from '@keyward/events';
import type { Grant } from '@keyward/identity';
import { errorForStatus, signWebhook, webhookKey, type OutboundHttp } from '@keyward/outbound';
import type { GrantRevoker, RevokeOptions, RevokeResult } from '@keyward/response';
import { InvalidInputError, UnavailableError, type Clock, type Secret } from '@keyward/runtime';
import { z } from 'zod';
import type { WebhookConnectorSettings } from './settings.js';

/** What a receiver may answer; an empty 2xx means that it did as it was told. */
const RevokeAnswer = z.object({
  result: z.enum(['revoked', 'already_absent', 'dry_run']).optional(),
  sessionsEnded: z.number().int().nonnegative().default(0),
  reference: z.string().max(500).optional(),
});
const VerifyAnswer = z.object({ standing: z.array(z.string().max(500)).max(50) });

type OrderType = 'dev.keyward.grant.revoke' | 'dev.keyward.grant.verify';

/** Tells any system, by a signed request, to take a grant back. */
export class WebhookRevoker implements GrantRevoker {
  readonly id: string;
  readonly product = 'webhook';
  readonly #settings: WebhookConnectorSettings;
  readonly #secrets: readonly Secret[];
  readonly #http: OutboundHttp;
  readonly #clock: Clock;

  constructor(id: string, settings: WebhookConnectorSettings, secrets: readonly Secret[], http: OutboundHttp, clock: Clock) {
    secrets.forEach(webhookKey); // a bad secret is found at start, not with the first revocation
    this.id = id;
    this.#settings = settings;
    this.#secrets = secrets;
    this.#http = http;
    this.#clock = clock;
  }

  async revoke(grant: Grant, { reason, dryRun, idempotencyKey, signal }: RevokeOptions): Promise<RevokeResult> {
    const id = dryRun ? `${idempotencyKey}-dry` : idempotencyKey;
    const json = await this.#order(this.#settings.url, 'dev.keyward.grant.revoke', id, { grant: wireGrant(grant), reason, dryRun }, signal);
    const answer = RevokeAnswer.safeParse(json ?? {});
    if (!answer.success)
      throw new InvalidInputError('webhook.bad_answer', 'The receiver answered with another shape than agreed.', {
        context: this.#context,
      });
    const { result, sessionsEnded, reference } = answer.data;
    const referenced = reference === undefined ? {} : { reference };
    if (result === 'already_absent') return { kind: 'already_absent' };
    return dryRun ? { kind: 'dry_run', ...referenced } : { kind: 'revoked', sessionsEnded, ...referenced };
  }

  async verify(grant: Grant, signal: AbortSignal): Promise<readonly string[]> {
    const { verifyUrl } = this.#settings;
    if (verifyUrl === undefined) return ['The receiver has no verify URL: whether access is gone was not looked at.'];
    // A new question each time: a receiver that drops repeats must not drop it.
    const id = deterministicUid('verify', this.id, grant.uid, this.#clock.now());
    const json = await this.#order(verifyUrl, 'dev.keyward.grant.verify', id, { grant: wireGrant(grant) }, signal);
    const answer = VerifyAnswer.safeParse(json);
    if (!answer.success)
      throw new InvalidInputError('webhook.bad_answer', 'The receiver answered with another shape than agreed.', {
        context: this.#context,
      });
    return answer.data.standing;
  }

  get #context(): { readonly connector: string } {
    return { connector: this.id };
  }

  async #order(url: string, type: OrderType, id: string, data: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown> {
    const now = this.#clock.now();
    const body = JSON.stringify({
      specversion: '1.0',
      id,
      source: 'urn:keyward',
      type,
      time: isoInstant(now),
      datacontenttype: 'application/json',
      data,
    });
    const headers = {
      'content-type': 'application/cloudevents+json',
      accept: 'application/json',
      ...signWebhook({ id, timestamp: Math.floor(now / 1000), body, secrets: this.#secrets }),
    };
    const response = await this.#http.send({ method: 'POST', url, headers, body, signal });
    const error = errorForStatus(response, { code: 'webhook', now: this.#clock.now(), context: this.#context });
    if (error) throw error;
    return this.#json(response.body);
  }

  #json(body: string): unknown {
    if (body.trim() === '') return undefined;
    try {
      return JSON.parse(body) as unknown;
    } catch {
      // Without its cause: that quotes the answer.
      throw new UnavailableError('webhook.unreadable', 'The receiver answered with something that is no JSON.', {
        context: this.#context,
      });
    }
  }
}

/** What a receiver needs to find the grant; nothing about why it is suspicious but the reason. */
const wireGrant = (grant: Grant): Record<string, unknown> => ({
  uid: grant.uid,
  system: grant.system,
  principal: grant.principal,
  principalId: grant.principalId,
  entitlement: grant.entitlement,
  entitlementId: grant.entitlementId,
  scopeId: grant.scopeId,
  requestId: grant.requestId,
  startsAt: grant.startsAt === undefined ? undefined : isoInstant(grant.startsAt),
  endsAt: grant.endsAt === undefined ? undefined : isoInstant(grant.endsAt),
});

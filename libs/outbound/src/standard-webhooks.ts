import { createHmac } from 'node:crypto';
import { InvalidInputError, type Secret } from '@keyward/runtime';

/** The specification asks for 24 to 64 random bytes. */
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;

/**
 * Headers of a Standard Webhooks message, signed with every active secret: while a secret is changed, a receiver that knows either can check it.
 *
 * @param id stable over retries, without dots @param timestamp seconds since 1970 of this try @param secrets `whsec_<base64>`, newest first
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @throws InvalidInputError `webhook.bad_secret`
 */
export function signWebhook({
  id,
  timestamp,
  body,
  secrets,
}: {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
  readonly secrets: readonly Secret[];
}): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const seconds = String(timestamp);
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', webhookKey(secret)).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}

/** The key's bytes. @throws InvalidInputError `webhook.bad_secret`, without the secret */
export function webhookKey(secret: Secret): Buffer {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret.reveal())?.[1];
  const key = Buffer.from(encoded ?? '', 'base64');
  if (key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) {
    throw new InvalidInputError(
      'webhook.bad_secret',
      `A webhook secret is whsec_ and the base64 of ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} random bytes, e.g. whsec_$(openssl rand -base64 32).`,
    );
  }
  return key;
}

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Headers of a request, names in lower case as Node gives them. */
export type PushHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Delivery {
  readonly headers: PushHeaders;
  /** The body as it came over the wire: signatures are over bytes. */
  readonly body: Uint8Array;
}

export interface PushSignature {
  /** Header that carries it, in lower case. A delivery without it is not signed. */
  readonly header: string;
  /**
   * Whether the vendor signed this delivery. Compares in constant time; never throws.
   *
   * @param secret as agreed with the vendor
   * @param now epoch ms; `stale` when the signed time is too far from it. Formats without a signed time are never stale
   */
  verify(delivery: Delivery, secret: string, now: number): 'valid' | 'invalid' | 'stale';
}

/** What a vendor's own HTTP delivery asks for beyond records in a body: how it proves itself and what it takes as an answer. Pure. */
export interface Push {
  /** Answer to the vendor's GET that asks whether this address wants its deliveries. Undefined: it is no such request. */
  readonly handshake?: (headers: PushHeaders) => Readonly<Record<string, string>> | undefined;
  readonly signature?: PushSignature;
  /** The status that alone tells the vendor "delivered", where 202 does not. Undefined: 202 will do. @param first the first record of the body */
  readonly deliveredStatus?: (headers: PushHeaders, first: string) => 200 | undefined;
  /** The vendor's sender can set no header: a token that may do nothing but send for this source is also taken as `?token=` of the address. */
  readonly tokenInAddress?: true;
  /** A delivery that is no record but asks the operator to do something: a sentence for the log. */
  readonly notice?: (headers: PushHeaders, first: string) => string | undefined;
}

/** One value of a header; of several the first. */
export function headerOf(headers: PushHeaders, name: string): string | undefined {
  const value = headers[name];
  const one = typeof value === 'string' ? value : value?.[0];
  return one === undefined || one.trim() === '' ? undefined : one.trim();
}

/** Equal in a time that does not depend on where they differ, nor on their length. */
const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (value: string): Buffer => createHash('sha256').update(value).digest();

/** `x-hub-signature: sha256=<hex>`: HMAC-SHA256 of the body. The prefix may be missing. Nothing in it tells when it was signed. */
export const hexHmac = (header: string): PushSignature => ({
  header,
  verify: ({ headers, body }, secret) => {
    const sent = headerOf(headers, header)
      ?.toLowerCase()
      .replace(/^sha256=/, '');
    if (sent === undefined || !/^[0-9a-f]{64}$/.test(sent)) return 'invalid';
    return sameSecret(sent, createHmac('sha256', secret).update(body).digest('hex')) ? 'valid' : 'invalid';
  },
});

/** Longest difference between the signed time and ours: what Standard Webhooks recommends. */
const TOLERANCE_MS = 5 * 60 * 1_000;
const MAX_SIGNATURES = 8;

/**
 * Standard Webhooks: `webhook-signature: v1,<base64>` is HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<body>`; several, separated by
 * spaces, while a secret is changed. A secret `whsec_...` is base64.
 *
 * @see https://www.standardwebhooks.com
 */
export const standardWebhook: PushSignature = {
  header: 'webhook-signature',
  verify: ({ headers, body }, secret, now) => {
    const id = headerOf(headers, 'webhook-id');
    const timestamp = headerOf(headers, 'webhook-timestamp');
    const sent = headerOf(headers, 'webhook-signature');
    if (id === undefined || sent === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return 'invalid';
    const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
    const matches = sent
      .split(' ')
      .slice(0, MAX_SIGNATURES)
      .filter((one) => one.startsWith('v1,') && sameSecret(one.slice('v1,'.length), expected));
    if (matches.length === 0) return 'invalid';
    return Math.abs(now - Number(timestamp) * 1_000) > TOLERANCE_MS ? 'stale' : 'valid';
  },
};

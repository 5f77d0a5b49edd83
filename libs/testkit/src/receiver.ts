import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { HttpListener, type HeardRequest, type HttpAnswer } from './http-listener.js';

/** How far a timestamp may be from now, seconds: the specification's own tolerance. */
const TOLERANCE_SECONDS = 300;

export interface ReceivedWebhook {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}
export interface Receiver {
  readonly url: string;
  readonly host: string;
  readonly secret: string;
  /** Requests whose signature is right, in order, repeats too. */
  readonly received: readonly ReceivedWebhook[];
  /** The first of each `webhook-id`: what a receiver that drops repeats acts on. */
  readonly unique: () => readonly ReceivedWebhook[];
  /** Why requests were turned away. */
  readonly problems: readonly string[];
  /** What the next requests are answered, one each; then 204 again. */
  answerNext(...answers: readonly (HttpAnswer | 'hang')[]): void;
  /** Answer of all further requests whose signature is right. */
  answerAlways(answer: (webhook: ReceivedWebhook) => HttpAnswer): void;
  stop(): Promise<void>;
}

export const aWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/**
 * A receiver that checks Standard Webhooks signatures by the specification's rules, written apart from the sender on purpose.
 *
 * @param options `now`: the receiver's clock, epoch ms
 */
export async function startReceiver(options: { readonly secret?: string; readonly now?: () => number } = {}): Promise<Receiver> {
  const secret = options.secret ?? aWebhookSecret();
  const now = options.now ?? Date.now;
  const received: ReceivedWebhook[] = [];
  const problems: string[] = [];
  const scripted: (HttpAnswer | 'hang')[] = [];
  let always: (webhook: ReceivedWebhook) => HttpAnswer = () => ({ status: 204 });
  const listener = await new HttpListener((request) => {
    const problem = problemOf(request, secret, now());
    if (problem !== undefined) {
      problems.push(problem);
      return { status: 401 };
    }
    const webhook: ReceivedWebhook = {
      id: request.headers['webhook-id'] ?? '',
      timestamp: Number(request.headers['webhook-timestamp']),
      body: request.body,
      json: JSON.parse(request.body) as Readonly<Record<string, unknown>>,
      headers: request.headers,
    };
    const next = scripted.shift();
    if (next === 'hang' || (next && next.status >= 300)) return next;
    received.push(webhook);
    return next ?? always(webhook);
  }).start();
  return {
    url: `${listener.origin}/webhook`,
    host: listener.host,
    secret,
    received,
    problems,
    unique: () => [...new Map(received.toReversed().map((webhook) => [webhook.id, webhook])).values()].reverse(),
    answerNext: (...answers) => {
      scripted.push(...answers);
    },
    answerAlways: (answer) => {
      always = answer;
    },
    stop: () => listener.stop(),
  };
}

/** @returns why a message is not to be believed; undefined when it is */
export function problemOf(request: Pick<HeardRequest, 'headers' | 'body'>, secret: string, now: number): string | undefined {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = request.headers;
  if (!id || !timestamp || !signatures) return 'a header is missing';
  if (!/^\d+$/.test(timestamp)) return 'the timestamp is no number';
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return 'the timestamp is too far from now';
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${request.body}`).digest();
  const right = signatures.split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',', 2);
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return right ? undefined : 'no signature matches';
}

import { createPrivateKey, randomUUID, sign, type KeyObject } from 'node:crypto';
import { secretFrom } from '@keyward/outbound';
import { InvalidInputError, type Secret } from '@keyward/runtime';
import { parseInstant } from '@keyward/sources';
import { z } from 'zod';
import { defineCollector, type CollectorParts } from '../collector.js';
import type { PolledRecord, PollSession, TailFeed } from '../feed.js';
import { Poller, pollSettings } from '../polling.js';
import { Address, TokenCredentials, VendorApi, fixedCredentials, type Credentials, type VendorAnswer } from '../vendor-api.js';

const OktaSettings = z
  .strictObject({
    ...pollSettings({ pollSeconds: 10, lateMinutes: 10 }),
    url: Address.describe('https://example.okta.com'),
    tokenEnv: z.string().optional().describe('NAME of the variable with an API token (SSWS)'),
    clientId: z.string().optional().describe('Of a service app, in place of a token'),
    privateKeyEnv: z.string().optional().describe("NAME of the variable with the service app's private key (PEM, RSA)"),
    keyId: z.string().optional().describe('`kid` of the public key at Okta'),
  })
  .refine(
    ({ tokenEnv, clientId, privateKeyEnv }) => (tokenEnv === undefined) === (clientId !== undefined && privateKeyEnv !== undefined),
    'either tokenEnv, or clientId and privateKeyEnv',
  );
type OktaSettings = z.infer<typeof OktaSettings>;

/** Most that one request gives. */
const LIMIT = 1_000;

/** Okta's System Log, by polling requests: `GET /api/v1/logs?since=...`, then the `next` links. */
export const okta = defineCollector({
  kind: 'okta',
  settings: OktaSettings,
  create: (name, settings, parts) => {
    const credentials = credentialsOf(settings, parts);
    return new Poller({
      name,
      source: 'okta',
      settings,
      feeds: (session) => [
        systemLog(
          settings.url,
          new VendorApi({ code: 'okta', origin: settings.url, http: parts.http, credentials: credentials(session), session }),
        ),
      ],
    });
  },
});

function systemLog(url: string, api: VendorApi): TailFeed {
  return {
    kind: 'tail',
    id: 'system-log',
    // Without `until` and in ascending order it is a polling request: filtered by when Okta stored an event, so that one that comes late is not passed by.
    open: (since) =>
      Promise.resolve({
        records: [],
        position: `${url}/api/v1/logs?since=${encodeURIComponent(new Date(since).toISOString())}&sortOrder=ASCENDING&limit=${LIMIT}`,
      }),
    page: async (position, signal) => {
      const answer = await api.get(position, signal);
      return { records: recordsOf(answer), next: answer.nextLink ?? position };
    },
  };
}

const recordsOf = (answer: VendorAnswer): readonly PolledRecord[] =>
  answer.records().map(({ text, value }) => ({
    text,
    id: typeof value['uuid'] === 'string' ? value['uuid'] : text,
    at: parseInstant(value['published']) ?? 0,
  }));

/** @throws InvalidInputError `config.secret_missing`, `collector.bad_key` */
function credentialsOf(settings: OktaSettings, { env, http }: CollectorParts): (session: PollSession) => Credentials {
  const { url, tokenEnv, clientId, privateKeyEnv, keyId } = settings;
  if (tokenEnv !== undefined) {
    const token = secretFrom(env, tokenEnv);
    return () => fixedCredentials(`SSWS ${token.reveal()}`);
  }
  const key = privateKey(secretFrom(env, privateKeyEnv ?? ''), privateKeyEnv ?? '');
  const endpoint = `${url}/oauth2/v1/token`;
  return (session) =>
    new TokenCredentials({
      code: 'okta',
      http,
      session,
      request: () => ({
        url: endpoint,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          scope: 'okta.logs.read',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion({ key, keyId, clientId: clientId ?? '', audience: endpoint, now: session.now() }),
        }).toString(),
      }),
    });
}

/** A variable often holds a PEM with `\n` written out. */
function privateKey(pem: Secret, name: string): KeyObject {
  try {
    return createPrivateKey(pem.reveal().replaceAll('\\n', '\n'));
  } catch {
    throw new InvalidInputError('collector.bad_key', `The environment variable ${name} holds no private key in PEM form.`);
  }
}

/** RFC 7523: who we are, signed, good for five minutes and once. */
function assertion(of: { key: KeyObject; keyId: string | undefined; clientId: string; audience: string; now: number }): string {
  const issuedAt = Math.floor(of.now / 1000);
  const header = { alg: 'RS256', ...(of.keyId !== undefined && { kid: of.keyId }) };
  const claims = { iss: of.clientId, sub: of.clientId, aud: of.audience, iat: issuedAt, exp: issuedAt + 300, jti: randomUUID() };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), of.key).toString('base64url')}`;
}

import { secretFrom } from '@keyward/outbound';
import { parseInstant } from '@keyward/sources';
import { z } from 'zod';
import { defineCollector } from '../collector.js';
import type { PolledRecord, PollSession, TailFeed } from '../feed.js';
import { Poller, pollSettings } from '../polling.js';
import { Address, TokenCredentials, VendorApi, type VendorAnswer } from '../vendor-api.js';

const Auth0Settings = z.strictObject({
  ...pollSettings({ pollSeconds: 10, lateMinutes: 10 }),
  url: Address.describe('https://example.eu.auth0.com'),
  clientId: z.string().min(1).describe('Machine-to-machine application'),
  clientSecretEnv: z.string().describe('NAME of the variable with its secret'),
  audience: z.string().optional().describe('Of the Management API; <url>/api/v2/ unless url is a custom domain'),
});

/** Most that one request gives. */
const TAKE = 100;

/** Auth0's tenant log by checkpoint: `GET /api/v2/logs?from=<log_id>&take=100`, then the `next` links. */
export const auth0 = defineCollector({
  kind: 'auth0',
  settings: Auth0Settings,
  create: (name, settings, { http, env }) => {
    const { url, clientId, audience = `${url}/api/v2/` } = settings;
    const secret = secretFrom(env, settings.clientSecretEnv);
    return new Poller({
      name,
      source: 'auth0',
      settings,
      feeds: (session) => {
        const credentials = new TokenCredentials({
          code: 'auth0',
          http,
          session,
          request: () => ({
            url: `${url}/oauth/token`,
            headers: { 'content-type': 'application/json', accept: 'application/json' },
            body: JSON.stringify({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret.reveal(), audience }),
          }),
        });
        return [
          tenantLog(url, new VendorApi({ code: 'auth0', origin: url, http, credentials, session }), session, settings.lateMinutes * 60_000),
        ];
      },
    });
  },
});

function tenantLog(url: string, api: VendorApi, session: PollSession, lateMs: number): TailFeed {
  const after = (logId: string): string => `${url}/api/v2/logs?from=${encodeURIComponent(logId)}&take=${TAKE}`;
  const search = async (q: string, sort: string, signal: AbortSignal): Promise<readonly PolledRecord[]> => {
    const query = new URLSearchParams({ q, sort, per_page: String(TAKE), page: '0' });
    return recordsOf(await api.get(`${url}/api/v2/logs?${query.toString()}`, signal));
  };
  return {
    kind: 'tail',
    id: 'tenant-log',
    // A checkpoint is a log's id: that of the last log before. In a tenant that has none, the first log of all is good for it once nothing can come
    // late before it any more.
    open: async (since, signal) => {
      const before = await search(`date:[* TO ${new Date(since - 1).toISOString()}]`, 'date:-1', signal);
      const last = before.at(0);
      if (last) return { records: [], position: after(last.id) };
      const records = (await search(`date:[${new Date(since).toISOString()} TO *]`, 'date:1', signal)).toSorted(byId);
      const [first] = records;
      if (!first || (first.at > session.now() - lateMs && records.length < TAKE)) return { records };
      return { records: [first], position: after(first.id) };
    },
    page: async (position, signal) => {
      const answer = await api.get(position, signal);
      const records = recordsOf(answer);
      const last = records.at(-1);
      return { records, next: answer.nextLink ?? (last ? after(last.id) : position) };
    },
  };
}

/** Ids are in the order of storing, which is not quite that of dates. */
const byId = (a: PolledRecord, b: PolledRecord): number => (a.id < b.id ? -1 : 1);

const recordsOf = (answer: VendorAnswer): readonly PolledRecord[] =>
  answer.records().map(({ text, value }) => {
    const id = value['log_id'] ?? value['_id'];
    return { text, id: typeof id === 'string' ? id : text, at: parseInstant(value['date']) ?? 0 };
  });

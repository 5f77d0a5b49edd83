import { secretFrom } from '@keyward/outbound';
import { InvalidInputError } from '@keyward/runtime';
import { parseInstant } from '@keyward/sources';
import { z } from 'zod';
import { defineCollector } from '../collector.js';
import type { PolledRecord, SliceFeed } from '../feed.js';
import { Poller, pollSettings } from '../polling.js';
import { Address, TokenCredentials, VendorApi, type VendorAnswer } from '../vendor-api.js';

const LOGS = ['events', 'admin-events'] as const;

const KeycloakSettings = z.strictObject({
  ...pollSettings({ pollSeconds: 5, lateMinutes: 1 }),
  url: Address.describe('https://keycloak.example.com, with a relative path where there is one'),
  realm: z.string().min(1).describe('Realm whose events are read'),
  clientId: z.string().min(1).describe('Client with a service account that has realm-management: view-events'),
  clientSecretEnv: z.string().describe('NAME of the variable with its secret'),
  clientRealm: z.string().min(1).optional().describe('Realm of the client where it is another one'),
  logs: z
    .array(z.enum(LOGS))
    .nonempty()
    .default([...LOGS]),
  pageSize: z.number().int().min(1).max(1_000).default(500),
});

const DAY_MS = 86_400_000;

/** User and admin events of one realm, from Keycloak's admin REST interface. */
export const keycloak = defineCollector({
  kind: 'keycloak',
  settings: KeycloakSettings,
  create: (name, settings, { http, env }) => {
    const { url, realm, clientId, clientRealm = realm } = settings;
    const secret = secretFrom(env, settings.clientSecretEnv);
    return new Poller({
      name,
      source: 'keycloak',
      settings,
      feeds: (session) => {
        const credentials = new TokenCredentials({
          code: 'keycloak',
          http,
          session,
          request: () => ({
            url: `${url}/realms/${encodeURIComponent(clientRealm)}/protocol/openid-connect/token`,
            headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
            body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret.reveal() }).toString(),
          }),
        });
        const api = new VendorApi({ code: 'keycloak', origin: url, http, credentials, session });
        return [...new Set(settings.logs)].map(
          (id) => new EventList(id, `${url}/admin/realms/${encodeURIComponent(realm)}/${id}`, settings.pageSize, api),
        );
      },
    });
  },
});

/** One of the two lists, newest first. What comes while pages are read pushes records further back: they are seen twice, never missed. */
class EventList implements SliceFeed {
  readonly kind = 'slices';
  readonly id: string;
  readonly #url: string;
  readonly #max: number;
  readonly #api: VendorApi;
  /** Older servers take days only, in a time zone of their own. */
  #daysOnly = false;

  constructor(id: string, url: string, max: number, api: VendorApi) {
    this.id = id;
    this.#url = url;
    this.#max = max;
    this.#api = api;
  }

  async *pages(from: number, to: number, signal: AbortSignal): AsyncGenerator<readonly PolledRecord[]> {
    for (let first = 0; ; first += this.#max) {
      const answer = await this.#page(from, to, first, signal);
      const records = recordsOf(answer, to);
      yield records;
      const oldest = records.at(-1);
      if (!oldest || records.length < this.#max || oldest.at < from) return;
    }
  }

  async #page(from: number, to: number, first: number, signal: AbortSignal): Promise<VendorAnswer> {
    const url = (dateFrom: string, dateTo: string): string =>
      `${this.#url}?${new URLSearchParams({ dateFrom, dateTo, first: String(first), max: String(this.#max) }).toString()}`;
    const days = (): string => url(dayOf(from - DAY_MS), dayOf(to + DAY_MS));
    if (this.#daysOnly) return this.#api.get(days(), signal);
    try {
      return await this.#api.get(url(String(from), String(to)), signal);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      const answer = await this.#api.get(days(), signal);
      this.#daysOnly = true;
      return answer;
    }
  }
}
const dayOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10);

/** Servers before 26 give admin events no id. */
const recordsOf = (answer: VendorAnswer, to: number): readonly PolledRecord[] =>
  answer.records().map(({ text, value }) => ({
    text,
    id: typeof value['id'] === 'string' ? value['id'] : text,
    at: parseInstant(value['time']) ?? to,
  }));

import { secretFrom } from '@keyward/outbound';
import { UnavailableError } from '@keyward/runtime';
import { parseInstant } from '@keyward/sources';
import { z } from 'zod';
import { defineCollector } from '../collector.js';
import type { PolledRecord, SliceFeed } from '../feed.js';
import { Poller, pollSettings } from '../polling.js';
import { Address, TokenCredentials, VendorApi } from '../vendor-api.js';

/** Lists of Microsoft Graph: path, the member that is filtered by, and what else the filter says. Only beta gives other than interactive sign-ins. */
const LISTS = {
  interactive: { path: '/v1.0/auditLogs/signIns', time: 'createdDateTime', top: 1_000 },
  nonInteractive: signInsOf('nonInteractiveUser'),
  servicePrincipal: signInsOf('servicePrincipal'),
  managedIdentity: signInsOf('managedIdentity'),
  audit: { path: '/v1.0/auditLogs/directoryAudits', time: 'activityDateTime', top: 1_000 },
  risk: { path: '/v1.0/identityProtection/riskDetections', time: 'detectedDateTime', top: 500 },
} as const satisfies Readonly<Record<string, GraphList>>;

interface GraphList {
  readonly path: string;
  readonly time: string;
  readonly top: number;
  readonly also?: string;
}
function signInsOf(kind: string): GraphList {
  return { path: '/beta/auditLogs/signIns', time: 'createdDateTime', top: 1_000, also: `signInEventTypes/any(t: t eq '${kind}')` };
}
const NAMES = ['interactive', 'nonInteractive', 'servicePrincipal', 'managedIdentity', 'audit', 'risk'] as const;

const EntraSettings = z.strictObject({
  ...pollSettings({ pollSeconds: 30, lateMinutes: 30 }),
  tenantId: z
    .string()
    .regex(/^[A-Za-z0-9.-]+$/)
    .describe('Directory id or verified domain'),
  clientId: z.string().min(1).describe('Application id'),
  clientSecretEnv: z.string().describe('NAME of the variable with the application secret'),
  graphUrl: Address.default('https://graph.microsoft.com').describe('Another one in national clouds'),
  loginUrl: Address.default('https://login.microsoftonline.com'),
  logs: z
    .array(z.enum(NAMES))
    .nonempty()
    .default([...NAMES])
    .describe('Lists to read; risk needs ID Protection (P2)'),
  spacingMs: z.number().int().min(0).max(60_000).default(2_100).describe('Between two requests: Graph allows 5 in 10 s for its reports'),
});

/** A list has no more pages than this in one slice: 20 000 records were enough for the reader to halve it. */
const MAX_PAGES = 2_000;

/** Sign-ins, directory audit and risk detections of Microsoft Entra ID, from Microsoft Graph. */
export const entra = defineCollector({
  kind: 'entra',
  settings: EntraSettings,
  create: (name, settings, { http, env }) => {
    const { graphUrl, loginUrl, tenantId, clientId, spacingMs } = settings;
    const secret = secretFrom(env, settings.clientSecretEnv);
    return new Poller({
      name,
      source: 'entra',
      settings,
      feeds: (session) => {
        const credentials = new TokenCredentials({
          code: 'entra',
          http,
          session,
          request: () => ({
            url: `${loginUrl}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
            headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
            body: new URLSearchParams({
              grant_type: 'client_credentials',
              client_id: clientId,
              client_secret: secret.reveal(),
              scope: `${graphUrl}/.default`,
            }).toString(),
          }),
        });
        const api = new VendorApi({ code: 'entra', origin: graphUrl, http, credentials, session, spacingMs });
        return [...new Set(settings.logs)].map((id) => graphList(id, LISTS[id], graphUrl, api));
      },
    });
  },
});

function graphList(id: string, list: GraphList, graphUrl: string, api: VendorApi): SliceFeed {
  return {
    kind: 'slices',
    id,
    async *pages(from, to, signal) {
      const within = `${list.time} ge ${new Date(from).toISOString()} and ${list.time} le ${new Date(to).toISOString()}`;
      const filter = list.also === undefined ? within : `${within} and ${list.also}`;
      let next: string | undefined = `${graphUrl}${list.path}?$filter=${encodeURIComponent(filter)}&$top=${list.top}`;
      for (let page = 0; next !== undefined; page += 1) {
        // Graph has been seen to answer with a link to the same page: better to begin anew than to go round.
        if (page === MAX_PAGES) throw new UnavailableError('entra.endless', 'The list has no end.');
        const answer = await api.get(next, signal);
        yield answer.records('value').map(({ text, value }): PolledRecord => {
          const recordId = value['id'];
          return { text, id: typeof recordId === 'string' ? recordId : text, at: parseInstant(value[list.time]) ?? to };
        });
        next = nextLink(answer.json);
      }
    },
  };
}

const NextLink = z.object({ '@odata.nextLink': z.string().optional() });
const nextLink = (json: unknown): string | undefined => NextLink.safeParse(json).data?.['@odata.nextLink'];

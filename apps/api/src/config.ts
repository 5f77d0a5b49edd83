import { z } from 'zod';
import { Flag, Secret } from '@keyward/runtime';

/** Shorter ones can be guessed from one signed delivery. */
const PushSecret = z
  .string()
  .min(16)
  .transform((value) => new Secret(value))
  .optional();

/** What the HTTP server needs to know. Everything has a default that is safe on one's own machine. */
export const ApiConfig = z.object({
  KEYWARD_HTTP_HOST: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 lets other machines in'),
  KEYWARD_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('Port to listen on; 0 takes a free one'),
  KEYWARD_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address under which people reach it. With https, cookies are Secure and HSTS is sent'),
  KEYWARD_TRUST_PROXY: z
    .string()
    .optional()
    .describe('Addresses or CIDR ranges of reverse proxies whose X-Forwarded-For is believed, comma separated'),
  KEYWARD_DASHBOARD_DIR: z.string().optional().describe('Folder of the built dashboard; default: dashboards/analyst/dist of this checkout'),
  KEYWARD_SESSION_IDLE_MINUTES: z.coerce
    .number()
    .int()
    .min(5)
    .max(1_440)
    .default(60)
    .describe('A session ends after this time without a request'),
  KEYWARD_SESSION_HOURS: z.coerce.number().int().min(1).max(168).default(12).describe('A session ends after this time in any case'),
  KEYWARD_INGEST_MAX_MB: z.coerce.number().min(1).max(256).default(16).describe('Largest body of POST /v1/ingest, MiB after decompression'),
  KEYWARD_INGEST_IN_FLIGHT_MB: z.coerce
    .number()
    .min(1)
    .max(4_096)
    .default(64)
    .describe('Bodies of POST /v1/ingest held in memory at once, MiB; beyond it senders get 429'),
  KEYWARD_PUSH_SECRET_DELINEA: PushSecret.describe('Secret of the webhooks that Delinea signs (x-hub-signature); absent: only tokens'),
  KEYWARD_PUSH_SECRET_KEYCLOAK: PushSecret.describe(
    "Shared secret of Keycloak's HTTP event listener (X-Keycloak-Signature); absent: only tokens",
  ),
  KEYWARD_PUSH_SECRET_OCSF: PushSecret.describe('Secret of OCSF events sent by Standard Webhooks (webhook-signature); absent: only tokens'),
  KEYWARD_POLICY_FILE: z.string().optional().describe('Response policy (YAML): says who must approve what. Absent: observe only'),
  KEYWARD_DETECTIONS_FILE: z
    .string()
    .optional()
    .describe('Parameters of detections (YAML), as the workers have them: what a backtest compares a change with'),
  KEYWARD_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info').describe('Least level that is logged'),
  KEYWARD_STRICT_ANSWERS: Flag.default(false).describe('An answer that breaks the contract is an error instead of a log line; for tests'),
});
export type ApiConfig = z.infer<typeof ApiConfig>;

/** @returns true when people reach it through TLS */
export const isHttps = (config: Pick<ApiConfig, 'KEYWARD_PUBLIC_URL'>): boolean =>
  config.KEYWARD_PUBLIC_URL?.startsWith('https://') ?? false;

/** Source to the secret with which its vendor signs deliveries. */
export const pushSecrets = (config: ApiConfig): ReadonlyMap<string, Secret> => {
  const all = {
    delinea: config.KEYWARD_PUSH_SECRET_DELINEA,
    keycloak: config.KEYWARD_PUSH_SECRET_KEYCLOAK,
    ocsf: config.KEYWARD_PUSH_SECRET_OCSF,
  };
  return new Map(Object.entries(all).flatMap(([source, secret]) => (secret ? [[source, secret] as const] : [])));
};

import { hostname } from 'node:os';
import { ClickHouseConfig } from '@keyward/adapter-clickhouse';
import { KafkaConfig } from '@keyward/adapter-kafka';
import { OutboundConfig } from '@keyward/outbound';
import { z } from 'zod';

export const ROLES = ['ingest', 'assess', 'alert', 'respond'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;
/** What a worker can do: the stages of the line, and the ways in beside it. */
export const WORKER_ROLES = [...ROLES, 'collect'] as const;
const WorkerRole = z.enum(WORKER_ROLES);
export type WorkerRole = z.infer<typeof WorkerRole>;

/** What the worker needs beyond its bus and its store. */
export const WorkerConfig = z.object({
  ROLES: z
    .string()
    .default(WORKER_ROLES.join(','))
    .transform((text) => [...new Set(text.split(',').map((role) => role.trim()))])
    .pipe(z.array(WorkerRole).min(1))
    .describe('What this worker runs, comma separated: the stages ingest, assess, alert, respond; and collect'),
  KEYWARD_INSTANCE: z
    .string()
    .regex(/^[\w.-]+$/)
    .default(hostname())
    .describe('Name of this worker, unique among the live ones and the same after a restart: it fences its own crashed predecessor'),
  KEYWARD_POLICY_FILE: z
    .string()
    .optional()
    .describe('Response policy (YAML): who, when, which grant, which mode; sinks and connectors. Absent: observe only'),
  KEYWARD_DETECTIONS_FILE: z
    .string()
    .optional()
    .describe('Parameters of detections (YAML): detection id, then parameter; `unusual_behaviour` has the alert budget'),
  KEYWARD_COLLECTORS_FILE: z
    .string()
    .optional()
    .describe('Collectors (YAML) for the role collect: pollers, syslog listeners, followed files. Absent: none'),
  KEYWARD_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .overwrite((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('Address of the dashboard: becomes the link in alerts'),
  KEYWARD_MAX_ALERT_AGE_HOURS: z.coerce
    .number()
    .positive()
    .default(24)
    .describe('An alert about something older is kept and shown, but nobody is notified and nothing is taken back'),
  KEYWARD_GEO_CITY_MMDB: z
    .string()
    .optional()
    .transform((text) => text?.split(',').map((path) => path.trim()))
    .describe('City databases of your own (mmdb), comma separated, asked in this order, instead of the bundled one'),
  KEYWARD_GEO_ASN_MMDB: z.string().optional().describe('ASN database of your own (mmdb), instead of the bundled one'),
  KEYWARD_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(30)
    .max(3_650)
    .default(400)
    .describe('Events, findings and alerts are kept for so many days after they were stored'),
  KEYWARD_WORKER_HOST: z.string().default('127.0.0.1').describe("Address of the worker's health and metrics endpoints"),
  KEYWARD_WORKER_PORT: z.coerce.number().int().min(0).max(65_535).default(9464).describe('Their port; 0 takes a free one'),
  KEYWARD_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info').describe('Least level that is logged'),
});
export type WorkerConfig = z.infer<typeof WorkerConfig>;

/** Everything that `main` reads from the environment. */
export const PipelineConfig = z.intersection(z.intersection(WorkerConfig, OutboundConfig), z.intersection(ClickHouseConfig, KafkaConfig));
export type PipelineConfig = z.infer<typeof PipelineConfig>;

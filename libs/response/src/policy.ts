import { SEVERITIES, Severity } from '@keyward/events';
import { z } from 'zod';
import { ResponseMode } from './effect.js';

const Id = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'lower-case letters, digits, - and _');
/** `*` stands for any characters, anything else for itself: `entra:role:*`. */
const Pattern = z.string().min(1);
const IdentityKind = z.enum(['human', 'service', 'shared', 'break_glass']);

/** Whom a rule is about. All that is given must hold; nothing given means everybody. */
export const Who = z.strictObject({
  identities: z.array(Pattern).optional(),
  groups: z.array(Pattern).optional().describe('Own groups and those they are nested in'),
  kinds: z.array(IdentityKind).optional(),
  privileged: z.boolean().optional(),
});
export type Who = z.infer<typeof Who>;

export const PolicyRule = z.strictObject({
  id: Id,
  who: Who.default({}),
  when: z
    .strictObject({
      detections: z.array(Pattern).optional().describe("At least one of the alert's detections matches"),
      minScore: z.number().min(0).max(100).default(0),
      minEntityRisk: z.number().min(0).max(100).default(0),
      minSeverity: Severity.default(SEVERITIES[0]),
    })
    .default({ minScore: 0, minEntityRisk: 0, minSeverity: SEVERITIES[0] }),
  grants: z
    .strictObject({
      entitlements: z.array(Pattern).default(['*']),
      systems: z.array(Pattern).default(['*']),
      jitOnly: z.boolean().default(true).describe('False: standing assignments too'),
      take: z
        .enum(['all', 'named'])
        .default('all')
        .describe("`named`: only grants that the alert's findings name; `all`: every matching grant"),
    })
    .default({ entitlements: ['*'], systems: ['*'], jitOnly: true, take: 'all' }),
  mode: ResponseMode.default('observe'),
  approvals: z
    .union([z.literal(1), z.literal(2)])
    .default(1)
    .describe('Users who must approve, in mode `approve`'),
});
export type PolicyRule = z.infer<typeof PolicyRule>;

/** Names of settings; a key such as `entra:group:Password admins` is a name of something else. */
const SETTING_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const SECRET_NAME = /(secret|password|passwd|pwd|token|credential|api_?key|private_?key|client_?key)/i;
const ENV_NAME = /^[A-Z_][A-Z0-9_]*$/;
/** `scheme://user:password@host` */
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/i;

/**
 * Settings of one connector or sink; its own schema stands with the product. A secret is named, never written: a key that ends in `Env`
 * (or `Envs`) holds names of environment variables.
 */
export const PluginSettings = z.record(z.string(), z.unknown()).superRefine((settings, context) => {
  const walk = (value: unknown, path: readonly string[], key: string): void => {
    const complain = (message: string): void => {
      context.addIssue({ code: 'custom', path: [...path], message });
    };
    if (Array.isArray(value)) {
      value.forEach((item: unknown, index) => {
        walk(item, [...path, String(index)], key);
      });
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, item] of Object.entries(value)) walk(item, [...path, name], name);
    } else if (/Envs?$/.test(key)) {
      if (typeof value !== 'string' || !ENV_NAME.test(value)) complain('must be the NAME of an environment variable, e.g. SIEM_SECRET');
    } else if (SETTING_NAME.test(key) && SECRET_NAME.test(key)) {
      complain(`a secret must not stand in the policy: name an environment variable in ${key}Env instead`);
    } else if (typeof value === 'string' && (URL_WITH_PASSWORD.test(value) || value.startsWith('whsec_'))) {
      complain('a secret must not stand in the policy: name an environment variable instead');
    }
  };
  for (const [key, value] of Object.entries(settings)) walk(value, [key], key);
});

export const ConnectorConfig = z.strictObject({
  id: Id,
  product: Id.describe('A product of the connector registry'),
  grants: z.array(Pattern).min(1).describe('Entitlements it answers for; the first connector that matches takes the grant back'),
  settings: PluginSettings.default({}),
});
export type ConnectorConfig = z.infer<typeof ConnectorConfig>;

export const SinkConfig = z.strictObject({
  id: Id,
  product: Id.describe('A product of the sink registry'),
  minSeverity: Severity.default('low'),
  settings: PluginSettings.default({}),
});
export type SinkConfig = z.infer<typeof SinkConfig>;

export const GuardRails = z.strictObject({
  /** Ten an hour is more than a real incident needs at once and less than an outage. */
  maxRevocationsPerHour: z.number().int().min(0).default(10),
  maxShareOfActiveGrants: z.number().min(0).max(1).optional().describe('Of all active grants, in an hour; the first one is always allowed'),
  protected: z
    .strictObject({
      identities: z.array(Pattern).default([]),
      groups: z.array(Pattern).default([]),
      kinds: z.array(IdentityKind).default([]).describe('`break_glass` is always protected'),
    })
    .default({ identities: [], groups: [], kinds: [] }),
  coolDownMinutes: z
    .number()
    .min(0)
    .default(60)
    .describe('Per identity and entitlement: a right that is given again is not taken at once again'),
  twoPersonFor: z.array(Pattern).default([]).describe('Entitlements that only two users together take back, whatever the rule says'),
  quietWhenFindingsExceed: z
    .number()
    .int()
    .positive()
    .default(500)
    .describe(
      'Findings of the last hour, all identities: above it something is wrong with the input or with us, and nothing is taken by itself',
    ),
});
export type GuardRails = z.infer<typeof GuardRails>;

const unique = (items: readonly { readonly id: string }[]): boolean => new Set(items.map(({ id }) => id)).size === items.length;
const Unique = { message: 'two entries have the same id' };

/** Who, when, which grant, how; and where alerts go. One YAML file. */
export const Policy = z.strictObject({
  version: z.literal(1),
  rules: z.array(PolicyRule).refine(unique, Unique).default([]).describe('The first rule that matches an alert and a grant decides'),
  connectors: z.array(ConnectorConfig).refine(unique, Unique).default([]),
  guardRails: GuardRails.prefault({}),
  sinks: z.array(SinkConfig).refine(unique, Unique).default([]),
});
export type Policy = z.infer<typeof Policy>;

/** Observes everything, takes nothing: what runs when nobody has written a policy. */
export const DEFAULT_POLICY: Policy = Policy.parse({ version: 1, rules: [{ id: 'observe-everything' }] });

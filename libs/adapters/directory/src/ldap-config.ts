import { z } from 'zod';

/** Fields of an account that attributes of a directory fill. */
export const LDAP_FIELDS = [
  'name',
  'id',
  'upn',
  'email',
  'employeeId',
  'displayName',
  'department',
  'team',
  'title',
  'manager',
  'timezone',
] as const;
export type LdapField = (typeof LDAP_FIELDS)[number];
const Attribute = z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'the name of an attribute');
const Attributes = z.union([Attribute.transform((one) => [one]), z.array(Attribute)]);

/** A directory: where it is, how to sign in, what to read. Written as YAML or JSON; the password stands in the environment. */
export const LdapConfig = z
  .strictObject({
    url: z.url({ protocol: /^ldaps?$/, hostname: /.*/ }).describe('ldaps://dc1.example.com, or ldap:// with StartTLS; host and port only'),
    startTls: z.boolean().default(false).describe('Upgrade the connection of ldap:// before signing in'),
    caFile: z.string().optional().describe("PEM file of the directory's certificate authority; absent: those of the system"),
    plaintext: z.boolean().default(false).describe('Sign in without TLS; for a directory on the same machine'),
    bindDn: z.string().min(1).describe('Who reads; an account that may read and nothing else'),
    passwordVariable: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .default('KEYWARD_LDAP_PASSWORD')
      .describe('Variable of the environment that holds the password'),
    preset: z.enum(['active_directory', 'openldap']).describe('Filters and attributes to begin with'),
    system: z
      .string()
      .min(1)
      .toLowerCase()
      .optional()
      .describe('What events call the system whose accounts these are; default: windows for Active Directory, ldap for OpenLDAP'),
    base: z.string().min(1).describe('dc=example,dc=com'),
    users: z.strictObject({ base: z.string().optional(), filter: z.string().optional() }).default({}),
    groups: z.strictObject({ base: z.string().optional(), filter: z.string().optional() }).default({}),
    attributes: z
      .partialRecord(z.enum(LDAP_FIELDS), Attributes)
      .default({})
      .describe('Field to attribute, or several of which the first that is there counts'),
    pageSize: z.number().int().min(1).max(5_000).default(500),
    timeoutSeconds: z.number().min(1).max(600).default(60).describe('Of one request'),
  })
  .superRefine(({ url, startTls, plaintext }, context) => {
    if (url.startsWith('ldaps:') && startTls)
      context.addIssue({ code: 'custom', path: ['startTls'], message: 'ldaps is encrypted already' });
    if (url.startsWith('ldap:') && !startTls && !plaintext)
      context.addIssue({
        code: 'custom',
        path: ['url'],
        message: 'the password would travel readable: use ldaps, startTls, or say plaintext: true',
      });
  });
export type LdapConfig = z.infer<typeof LdapConfig>;

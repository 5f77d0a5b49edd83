import { z } from 'zod';

/** Every system that can speak to Keyward. One id takes all of a vendor's record shapes. */
export const SOURCE_IDS = [
  'okta',
  'entra',
  'auth0',
  'cyberark',
  'beyondtrust',
  'delinea',
  'visulox',
  'mycena',
  'keycloak',
  'vault',
  'cloudtrail',
  'teleport',
  'duo',
  'linux',
  'windows',
  'ocsf',
] as const;

export const SourceId = z.enum(SOURCE_IDS);
export type SourceId = z.infer<typeof SourceId>;

import type { GrantRevoker } from '@keyward/response';
import type { Environment, OutboundHttp } from '@keyward/outbound';
import { InvalidInputError, type Clock } from '@keyward/runtime';
import type { z } from 'zod';

/** What a connector gets from the edge. */
export interface ConnectorDeps {
  readonly http: OutboundHttp;
  readonly clock: Clock;
  /** Where secrets are looked up by the name that the policy gives. */
  readonly env: Environment;
}

/** One product that grants can be taken back in: a folder and a line in `registry.ts`. */
export interface ConnectorProduct {
  readonly product: string;
  readonly settings: z.ZodType;
  /**
   * @param settings as the policy file has them; parsed here
   * @throws InvalidInputError when they can't be used or a secret is not set
   */
  create(id: string, settings: unknown, deps: ConnectorDeps): GrantRevoker & { close?(): Promise<void> };
}

/** Keeps the type of the settings inside the folder. */
export function defineConnector<Settings>(connector: {
  readonly product: string;
  readonly settings: z.ZodType<Settings>;
  create(id: string, settings: Settings, deps: ConnectorDeps): GrantRevoker & { close?(): Promise<void> };
}): ConnectorProduct {
  return {
    product: connector.product,
    settings: connector.settings,
    create: (id, settings, deps) => connector.create(id, parseSettings(id, connector.settings, settings), deps),
  };
}

function parseSettings<Settings>(id: string, schema: z.ZodType<Settings>, settings: unknown): Settings {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(settings)'}: ${message}`).join('; ');
  throw new InvalidInputError('connector.bad_settings', `The settings of connector ${id} can't be used: ${problems}`);
}

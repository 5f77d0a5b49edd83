import type { Environment, OutboundHttp } from '@keyward/outbound';
import type { AlertSink } from '@keyward/response';
import { InvalidInputError, type Clock } from '@keyward/runtime';
import type { z } from 'zod';

/** What a sink gets from the edge. */
export interface SinkDeps {
  readonly http: OutboundHttp;
  readonly clock: Clock;
  /** Where secrets are looked up by the name that the policy gives. */
  readonly env: Environment;
  /** Keyward's own version, as receivers see it. */
  readonly productVersion: string;
  /** This Keyward's public address; absent: `urn:keyward`. */
  readonly source?: string;
}

/** One kind of receiver: a folder and a line in `registry.ts`. */
export interface SinkProduct {
  readonly product: string;
  readonly settings: z.ZodType;
  /**
   * @param settings as the policy file has them; parsed here
   * @throws InvalidInputError when they can't be used or a secret is not set
   */
  create(id: string, settings: unknown, deps: SinkDeps): AlertSink;
}

/** Keeps the type of the settings inside the folder. */
export function defineSink<Settings>(sink: {
  readonly product: string;
  readonly settings: z.ZodType<Settings>;
  create(id: string, settings: Settings, deps: SinkDeps): AlertSink;
}): SinkProduct {
  return {
    product: sink.product,
    settings: sink.settings,
    create: (id, settings, deps) => sink.create(id, parseSettings(id, sink.settings, settings), deps),
  };
}

function parseSettings<Settings>(id: string, schema: z.ZodType<Settings>, settings: unknown): Settings {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(settings)'}: ${message}`).join('; ');
  throw new InvalidInputError('sink.bad_settings', `The settings of sink ${id} can't be used: ${problems}`);
}

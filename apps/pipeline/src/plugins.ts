import { CONNECTORS } from '@keyward/adapter-connectors';
import { SINKS } from '@keyward/adapter-sinks';
import { OutboundHttp } from '@keyward/outbound';
import type { GrantRevoker, Policy } from '@keyward/response';
import { InvalidInputError, type Clock } from '@keyward/runtime';
import type { ConfiguredSink } from '@keyward/stages';
import type { Edge } from './edge.module.js';

const PRODUCT_VERSION = '0.1.0';

/** Sinks and connectors as the policy names them; Nest closes what they hold. */
export interface Plugins {
  readonly sinks: readonly ConfiguredSink[];
  readonly revokers: ReadonlyMap<string, GrantRevoker>;
  onModuleDestroy(): Promise<void>;
}

/** @throws InvalidInputError for a product that is unknown, or settings that can't be used */
export function pluginsOf(policy: Policy, config: Edge['config'], clock: Clock, env: NonNullable<Edge['secrets']>): Plugins {
  const http = new OutboundHttp({ allowedHosts: config.KEYWARD_OUTBOUND_ALLOWED_HOSTS, timeoutMs: config.KEYWARD_OUTBOUND_TIMEOUT_MS });
  const deps = { http, clock, env };
  const revokers = policy.connectors.map(({ id, product, settings }) =>
    knownProduct(CONNECTORS, product, 'connector').create(id, settings, deps),
  );
  const sinks = policy.sinks.map(({ id, product, settings, minSeverity }) => ({
    minSeverity,
    sink: knownProduct(SINKS, product, 'sink').create(id, settings, {
      ...deps,
      productVersion: PRODUCT_VERSION,
      ...(config.KEYWARD_PUBLIC_URL !== undefined && { source: config.KEYWARD_PUBLIC_URL }),
    }),
  }));
  return {
    sinks,
    revokers: new Map(revokers.map((revoker) => [revoker.id, revoker])),
    onModuleDestroy: async () => {
      await Promise.all(
        revokers.map(async (revoker) => {
          await revoker.close?.();
        }),
      );
    },
  };
}
function knownProduct<P extends { readonly product: string }>(registry: readonly P[], product: string, kind: string): P {
  const found = registry.find((candidate) => candidate.product === product);
  if (found) return found;
  throw new InvalidInputError(
    'policy.unknown_product',
    `The policy names the ${kind} ${product}; there are: ${registry.map((p) => p.product).join(', ')}.`,
  );
}

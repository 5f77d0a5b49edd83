import { DEFAULT_POLICY, parseMapping, parsePolicy } from '@keyward/response';
import { InvalidInputError, readConfiguredFile, type Logger } from '@keyward/runtime';
import { compileDetectionSettings } from '@keyward/stages';
import type { PolicyInForce } from './tokens.js';

/**
 * The response policy as the worker reads it: the API shows it, and says who may approve what. RESPOND asks it again before anything is done.
 *
 * @throws InvalidInputError `policy.invalid`, `policy.missing`
 */
export function readPolicy(file: string | undefined, logger: Logger): PolicyInForce {
  if (file === undefined) return { policy: () => DEFAULT_POLICY, source: 'built in: observes everything, takes nothing' };
  const parsed = parsePolicy(readConfiguredFile('KEYWARD_POLICY_FILE', file, 'policy.missing'));
  if (!parsed.ok) throw new InvalidInputError('policy.invalid', `KEYWARD_POLICY_FILE: ${file}: ${parsed.message}`);
  logger.info({ rules: parsed.policy.rules.length }, 'response policy read');
  return { policy: () => parsed.policy, source: 'KEYWARD_POLICY_FILE' };
}

/**
 * Parameters of detections as the workers read them: what a backtest compares a change with.
 *
 * @throws InvalidInputError `detections.missing`, `detections.invalid`
 */
export function readDetections(file: string | undefined): Readonly<Record<string, unknown>> {
  if (file === undefined) return {};
  const parsed = parseMapping(readConfiguredFile('KEYWARD_DETECTIONS_FILE', file, 'detections.missing'));
  if (parsed.ok) return parsed.mapping;
  throw new InvalidInputError('detections.invalid', `KEYWARD_DETECTIONS_FILE: ${file}: ${parsed.message}`);
}

/**
 * The alert budget that the workers run with: alerts on behaviour per 1000 identities and day.
 *
 * @throws InvalidInputError `detections.invalid`: a worker would not start with it either
 */
export function budgetOf(detections: Readonly<Record<string, unknown>>): number {
  const settings = compileDetectionSettings(detections);
  if (settings.kind === 'settings') return settings.alertsPerThousand;
  throw new InvalidInputError('detections.invalid', `KEYWARD_DETECTIONS_FILE: ${settings.problems.join('; ')}`);
}

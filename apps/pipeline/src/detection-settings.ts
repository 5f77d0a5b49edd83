import type { DetectionEngine } from '@keyward/detections';
import { parseMapping } from '@keyward/response';
import { InvalidInputError, readConfiguredFile } from '@keyward/runtime';
import { compileDetectionSettings } from '@keyward/stages';

const VARIABLE = 'KEYWARD_DETECTIONS_FILE';

/**
 * What the detections run with, and the alert budget.
 *
 * @throws InvalidInputError `detections.invalid` with every parameter that is wrong, `detections.missing`
 */
export function readDetectionSettings(file: string | undefined): { readonly engine: DetectionEngine; readonly alertsPerThousand: number } {
  const settings = compileDetectionSettings(file === undefined ? {} : readParams(file));
  if (settings.kind === 'settings') return { engine: settings.engine, alertsPerThousand: settings.alertsPerThousand };
  throw notUsable(settings.problems);
}

function readParams(file: string): Readonly<Record<string, unknown>> {
  const parsed = parseMapping(readConfiguredFile(VARIABLE, file, 'detections.missing'));
  if (parsed.ok) return parsed.mapping;
  throw notUsable([parsed.message]);
}

const notUsable = (problems: readonly string[]): InvalidInputError =>
  new InvalidInputError('detections.invalid', `${VARIABLE} can't be used:\n  ${problems.join('\n  ')}`);

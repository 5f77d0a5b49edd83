import { z } from 'zod';

/** OCSF `severity_id` 1 to 5, in lower case, least first. */
export const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export const Severity = z.enum(SEVERITIES);
export type Severity = z.infer<typeof Severity>;

export const severityId = (severity: Severity): number => SEVERITIES.indexOf(severity) + 1;
export const worstSeverity = (a: Severity, b: Severity): Severity => (severityId(a) >= severityId(b) ? a : b);

import type { Authentication, Outcome, Resource } from '@keyward/events';
import type { ClassifiedActivity } from '../ocsf-export/activities.js';

/** Why a record is no event of ours: a metric label, so a closed set. */
export const DUO_IGNORED = ['sync_progress', 'message_delivery', 'appearance', 'billing', 'account_summary', 'inventory'] as const;
export type DuoIgnored = (typeof DUO_IGNORED)[number];

/** What an action of an administrator, or of a user on his own devices, means. */
export interface DuoMapping {
  readonly as: ClassifiedActivity;
  readonly outcome?: Outcome;
  readonly auth?: Pick<Authentication, 'step' | 'mfa' | 'failure'>;
  readonly resource?: Resource['kind'];
  /** Whether the object of the action is an account: a user or an administrator. */
  readonly onAccount?: boolean;
  readonly detection?: string;
}

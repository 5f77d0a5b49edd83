import { advanceFacts, type AdvancedFacts } from '@keyward/identity';
import type { DetectionInput } from './detection.js';

/**
 * What will be known once the event is learned: facts, and the grants it changes. The ledger's own facts stay as they are.
 * Copies them, so it is for privilege events only, which are few.
 */
export function outlook({
  event,
  part,
  identity,
  facts,
}: Pick<DetectionInput<unknown, unknown>, 'event' | 'part' | 'identity' | 'facts'>): AdvancedFacts {
  return advanceFacts(structuredClone(facts), event, part, identity);
}

import { silentLogger } from '@keyward/runtime';
import type { KafkaConfig } from './config.js';
import { translated } from './errors.js';
import { createKafkaClient } from './kafka-client.js';

/** Readers of a consumer group that the broker knows to be alive; one that was killed counts until its session has timed out. @throws UnavailableError */
export function groupMembers(config: KafkaConfig, group: string): Promise<number> {
  const admin = createKafkaClient(config, silentLogger).admin();
  return translated(async () => {
    try {
      await admin.connect();
      const { groups } = await admin.describeGroups([group]);
      return groups.reduce((members, one) => members + one.members.length, 0);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  });
}

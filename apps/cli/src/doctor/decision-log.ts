import type { DecisionLogReader } from '@keyward/adapter-clickhouse';
import { verifyChain, type ChainHead } from '@keyward/response';
import { count } from '../terminal.js';
import type { Diagnosis } from './diagnosis.js';

/**
 * Verifies the hash chain of every writer of the decision log, streamed: memory holds one block. Finds a changed field, in the link or in the columns
 * that people see, and links that are missing, doubled or out of order. That a chain's newest links were cut off can't be seen from within.
 *
 * @throws UnavailableError
 */
export async function checkDecisionLog(reader: DecisionLogReader): Promise<Omit<Diagnosis, 'check'>> {
  const chains = await reader.chains();
  let links = 0;
  const breaks: string[] = [];
  for (const chain of chains) {
    const { read, broken } = await verified(chain, reader);
    links += read;
    if (broken !== undefined) breaks.push(broken);
  }
  if (breaks.length > 0) {
    const sentence =
      'The decision log was changed after it had been written: what it says about revocations must not be relied on. ' +
      'Find out who can write to table effects, and compare with a backup.';
    return { health: 'broken', sentence, details: breaks };
  }
  return {
    health: 'ok',
    sentence: `The decision log holds: ${count(links)} links in ${chains.length} chains, each follows from the one before.`,
  };
}

async function verified(chain: string, reader: DecisionLogReader): Promise<{ readonly read: number; readonly broken?: string }> {
  let head: ChainHead | undefined;
  let read = 0;
  for await (const block of reader.links(chain)) {
    for (const link of block) {
      const broken = (why: string): { read: number; broken: string } => ({ read, broken: `chain ${chain}, seq ${link.seq}: ${why}` });
      if (!link.effect) return broken('its content is no decision any more');
      const check = verifyChain([link.effect], head && { after: head });
      if (!check.ok) return { read, broken: `chain ${chain}, seq ${check.brokenAt}: ${check.why}` };
      if (link.effect.chain !== chain) return broken(`it was moved here from chain ${link.effect.chain}`);
      if (link.differs !== undefined) return broken(`its column ${link.differs} says something else than the link`);
      head = check.head;
      read += 1;
    }
  }
  return { read };
}

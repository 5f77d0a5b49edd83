// Events of every kind, as the model sees them: the evaluation organisation's history, parsed, located and resolved.
import { createGeoLookup } from '@keyward/adapter-geo';
import { makeEvaluation } from '@keyward/fixtures';
import { buildOrganisation, parseOrganisationFiles } from '@keyward/identity';
import { SOURCES, parsePayload } from '@keyward/sources';
import { eventEntries } from '@keyward/stages';

const PEOPLE = 400;
const START = Date.UTC(2026, 2, 2);

/**
 * @param count how many events
 * @returns the organisation and `{ identity, event }` in order of time
 */
export function mixedEvents(count) {
  const days = Math.max(14, Math.ceil((count / PEOPLE / 7.5) * 1.1));
  const history = makeEvaluation({ people: PEOPLE, days, seed: 'bench', start: START });
  const lists = Object.entries(history.organisation).filter(([name]) => name !== 'sod');
  const files = lists.map(([name, rows]) => ({
    name: `${name}.ndjson`,
    text: rows.map((row) => JSON.stringify(row)).join('\n'),
  }));
  const organisation = buildOrganisation(parseOrganisationFiles(files).records);
  const sources = new Map(SOURCES.map((source) => [source.id, source]));
  const geo = createGeoLookup();
  const now = START + (days + 1) * 86_400_000;
  const mixed = [];
  for (const { source, record } of history.records()) {
    for (const result of parsePayload(sources.get(source), Buffer.from(JSON.stringify(record)), { now })) {
      if (result.kind !== 'kept') continue;
      const entry = eventEntries(result.event, organisation, geo).find(({ primary, part }) => primary && part === 'actor');
      if (entry?.event.actor?.identity === undefined) continue;
      mixed.push({ identity: entry.ledger === 'identity' ? entry.key : entry.event.actor.identity, event: entry.event });
    }
    if (mixed.length >= count) break;
  }
  return { organisation, events: mixed.sort((a, b) => a.event.time - b.event.time) };
}

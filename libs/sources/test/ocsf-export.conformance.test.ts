import { describe, expect, it } from 'vitest';
import type { AccessEvent, EventClass } from '@keyward/events';
import { EVENT_CLASSES } from '@keyward/events';
import { ACTIVITIES, CLASSES } from '../src/ocsf-export/activities.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { at, object } from '../src/json.js';
import { parsePayload } from '../src/payload.js';
import { sourceById } from '../src/registry.js';
import { OcsfSchema } from './ocsf-schema.js';
import { haveSamples, sampleFiles, sampleJson, samplePath, samplesNote, sampleText } from './vendor-samples.js';

const FOLDERS: readonly (readonly [string, string])[] = [
  ['cyberark', 'elastic/cyberarkpas/audit'],
  ['okta', 'elastic/okta/system'],
  ['entra', 'elastic/azure/signinlogs'],
  ['entra', 'elastic/azure/auditlogs'],
  ['entra', 'elastic/azure/identity_protection'],
];
const CLASS_FILES: Partial<Record<EventClass, string>> = {
  authentication: 'iam/authentication',
  authorize_session: 'iam/authorize_session',
  account_change: 'iam/account_change',
  user_access: 'iam/user_access',
  group_management: 'iam/group_management',
  entity_management: 'iam/entity_management',
  api_activity: 'api_activity',
};

describe.skipIf(!haveSamples)(`OCSF export against the schema${samplesNote}`, () => {
  it.each(FOLDERS)('every kept record of %s in %s is a valid event', (id, folder) => {
    const source = sourceById(id);
    if (!source) return;
    const schema = new OcsfSchema();
    let kept = 0;
    for (const path of sampleFiles(folder, '.log')) {
      for (const result of parsePayload(source, Buffer.from(sampleText(path)))) {
        if (result.kind !== 'kept') continue;
        kept += 1;
        expect(schema.check(toOcsf(result.event)), JSON.stringify(result.event)).toEqual([]);
      }
    }
    expect(kept).toBeGreaterThan(0);
  });

  it('an event that says next to nothing is valid in every class', () => {
    const schema = new OcsfSchema();
    for (const eventClass of EVENT_CLASSES) {
      const bare: AccessEvent = {
        uid: 'u',
        nativeId: 'n',
        source: 'okta',
        time: 1,
        class: eventClass,
        activity: 'other',
        code: 'c',
        outcome: 'success',
      };
      expect(schema.check(toOcsf(bare)), eventClass).toEqual([]);
    }
  });

  it('names every activity that the schema has, with its id', () => {
    for (const [eventClass, file] of Object.entries(CLASS_FILES)) {
      const enumeration = object(at(sampleJson(samplePath('ocsf/schema', `${file}.json`)), 'attributes', 'activity_id', 'enum'));
      const expected = Object.entries(enumeration).map(([uid, entry]) => [
        String(at(entry, 'caption')).toLowerCase().replace(/\W+/g, '_'),
        Number(uid),
      ]);
      const words = Object.entries(ACTIVITIES[eventClass as EventClass]).filter(([, uid]) => uid !== 0 && uid !== 99);
      expect(words.sort(), eventClass).toEqual(expected.sort());
      expect(CLASSES[eventClass as EventClass].uid % 1_000).toBe(at(sampleJson(samplePath('ocsf/schema', `${file}.json`)), 'uid'));
    }
  });
});

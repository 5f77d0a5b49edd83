import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSlice, SOURCES, splitterFor, type Slice, type Source } from '@keyward/sources';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const SHARED = join(ROOT, '..', 'shared', 'samples');
export const haveShared = existsSync(SHARED);

/** When samples count as received: gives a BSD time its year. */
export const NOW = Date.UTC(2026, 6, 1);

/** Folders with vendor samples, by source. Beside a file stands what a public integration makes of it, in ECS (`<file>-expected.json`), where it has one. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  beyondtrust: [
    'beyondtrust',
    'elastic/beyondtrust_pra/access_session',
    'elastic/beyondinsight_password_safe/session',
    'elastic/beyondinsight_password_safe/useraudit',
  ],
  cloudtrail: ['elastic/aws/cloudtrail'],
  cyberark: ['elastic/cyberarkpas/audit', 'elastic/cyberark_pta/events'],
  delinea: ['delinea', 'elastic/thycotic_ss/logs'],
  duo: [
    'elastic/cisco_duo/admin',
    'elastic/cisco_duo/auth',
    'elastic/cisco_duo/offline_enrollment',
    'elastic/cisco_duo/summary',
    'elastic/cisco_duo/telephony',
    'elastic/cisco_duo/activity',
    'elastic/cisco_duo/trust_monitor',
    'elastic/cisco_duo/telephony_v2',
  ],
  entra: [
    'msticpy',
    'elastic/azure/signinlogs',
    'elastic/azure/auditlogs',
    'elastic/azure/identity_protection',
    'elastic/azure/provisioning',
    'elastic/azure/activitylogs',
  ],
  keycloak: ['elastic/keycloak/log'],
  linux: ['elastic/system/auth', 'loghub/OpenSSH'],
  ocsf: ['ocsf/examples/encodings/ilf/example_logs'],
  okta: ['elastic/okta/system'],
  vault: ['elastic/hashicorp_vault/audit', 'elastic/hashicorp_vault/log'],
  windows: ['elastic/system/security'],
};

export interface SampleFile {
  readonly path: string;
  readonly bytes: Buffer;
  /** ECS documents in the order of the records, where somebody says what should come out. */
  readonly expected: readonly unknown[] | undefined;
}

const IS_SAMPLE = /\.(?:log|ndjson|ocsf|txt|xml)$|^test-.*\.json$/;
const IS_EXPECTATION = /-expected\.json$/;
const IS_TEXT_ABOUT = /^(?:readme|license)/i;

/** The project's own samples, all of which have to be read; the broken ones among them are named by the source's tests. */
export const ownFiles = (source: Source): readonly SampleFile[] =>
  filesIn(join(ROOT, 'libs/sources/src', source.id, 'samples'), () => true);

/** Vendor samples beside the project; none where that folder is absent. */
export const vendorFiles = (source: Source): readonly SampleFile[] =>
  (FOLDERS[source.id] ?? []).flatMap((folder) =>
    filesIn(join(SHARED, folder), (name) => IS_SAMPLE.test(name) && !IS_TEXT_ABOUT.test(name) && !IS_EXPECTATION.test(name)),
  );

function filesIn(folder: string, isWanted: (name: string) => boolean): readonly SampleFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && isWanted(entry.name))
    .map(({ name }) => {
      const path = join(folder, name);
      const bytes = readFileSync(path);
      return {
        path,
        bytes: name.startsWith('test-') && name.endsWith('.json') ? messagesIn(bytes) : bytes,
        expected: expectedOf(`${path}-expected.json`),
      };
    });
}

/** A test's own wrapping of vendor records: `{"events": [{"message": "..."}]}`, also under `event.original`. One record a line. */
function messagesIn(bytes: Buffer): Buffer {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  const events = member(value, 'events');
  if (!Array.isArray(events)) return bytes;
  const lines = events.map((one: unknown) => {
    // What Filebeat has decoded already stands beside a message that is only its name.
    const written = member(one, 'cef') ? one : (member(one, 'message') ?? member(member(one, 'event'), 'original') ?? one);
    return typeof written === 'string' ? written : JSON.stringify(written);
  });
  return Buffer.from(lines.join('\n'));
}

const member = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;

function expectedOf(path: string): readonly unknown[] | undefined {
  if (!existsSync(path)) return undefined;
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const list = member(value, 'expected');
  return Array.isArray(list) ? (list as readonly unknown[]) : undefined;
}

/** The records of a file as its source's splitter gives them, without broken ones. */
export function slicesOf(source: Source, file: SampleFile): readonly Slice[] {
  const splitter = splitterFor(source);
  return [...splitter.push(file.bytes), ...splitter.end()].filter((slice) => slice.kind === 'text');
}

/** How many records of a slice there are: what `parseSlice` has to answer for, one by one. */
export const answersTo = (source: Source, slice: Slice): number => parseSlice(source, slice, { now: NOW }).length;

/** The sources that are asked for by id, or all. */
export const chosen = (ids: readonly string[]): readonly Source[] => SOURCES.filter(({ id }) => ids.length === 0 || ids.includes(id));

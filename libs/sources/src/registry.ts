import type { SourceId } from '@keyward/events';
import { beyondtrust } from './beyondtrust/beyondtrust.js';
import { auth0 } from './auth0/auth0.js';
import { cloudtrail } from './cloudtrail/cloudtrail.js';
import { cyberark } from './cyberark/cyberark.js';
import { delinea } from './delinea/delinea.js';
import { duo } from './duo/duo.js';
import { entra } from './entra/entra.js';
import { linux } from './linux/linux.js';
import { keycloak } from './keycloak/keycloak.js';
import { mycena } from './mycena/mycena.js';
import { ocsf } from './ocsf/ocsf.js';
import { okta } from './okta/okta.js';
import { teleport } from './teleport/teleport.js';
import { vault } from './vault/vault.js';
import { visulox } from './visulox/visulox.js';
import { windows } from './windows/windows.js';
import type { Source } from './source.js';

/** Every source, one line each. `test/architecture/registries.test.ts` compares this list with the folders. */
export const SOURCES: readonly Source[] = [
  auth0,
  beyondtrust,
  cloudtrail,
  cyberark,
  delinea,
  duo,
  entra,
  keycloak,
  linux,
  mycena,
  ocsf,
  okta,
  teleport,
  vault,
  visulox,
  windows,
];

const byId = new Map<string, Source>(SOURCES.map((source) => [source.id, source]));

/** @returns undefined for a name that is no source, or one whose parser isn't written */
export const sourceById = (id: SourceId | (string & {})): Source | undefined => byId.get(id);

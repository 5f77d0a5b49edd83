import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkOrganisation, ORGANISATION_FILES, ownIdentityOf, parseOrganisationFiles, type OrganisationRecords } from '@keyward/identity';
import { InvalidInputError } from '@keyward/runtime';
import { EMPTY_SOD_POLICY, parseSod, type SodPolicy } from '@keyward/sod';

export interface OrganisationFolder {
  /** For `buildOrganisation`. */
  readonly organisation: OrganisationRecords;
  readonly sod: SodPolicy;
  /** Lines that could not be used, each with its file and number. */
  readonly warnings: readonly string[];
}

/**
 * Reads a context folder; each file is optional. A line that can't be used is left out with a warning; a SoD policy with a mistake is left out whole.
 *
 * @throws InvalidInputError `context.missing`
 */
export function readOrganisationFolder(folder: string | undefined): OrganisationFolder {
  if (folder === undefined)
    return { organisation: linkOrganisation(parseOrganisationFiles([]).records).records, sod: EMPTY_SOD_POLICY, warnings: [] };
  if (!existsSync(folder)) throw new InvalidInputError('context.missing', `There is no folder ${folder}.`);
  const files = ORGANISATION_FILES.filter((name) => existsSync(join(folder, name))).map((name) => ({
    name,
    text: readFileSync(join(folder, name), 'utf8'),
  }));
  const parsedFiles = parseOrganisationFiles(files);
  const { records, linking } = linkOrganisation(parsedFiles.records);
  const warnings = [
    ...parsedFiles.problems.map(({ file, line, message }) => `${file}:${line}: ${message}`),
    ...linking.conflicts.map(
      ({ account, candidates }) =>
        `${ownIdentityOf(account)} may be ${candidates.map(({ identity }) => identity).join(' or ')}: it stands on its own; links.ndjson says whose it is`,
    ),
  ];
  const sodFile = join(folder, 'sod.json');
  if (!existsSync(sodFile)) return { organisation: records, sod: EMPTY_SOD_POLICY, warnings };
  const parsed = parseSod(readFileSync(sodFile, 'utf8'));
  if (parsed.kind === 'policy') return { organisation: records, sod: parsed.policy, warnings };
  warnings.push('sod.json is not used: no conflict of duties will be found', ...parsed.problems.map((problem) => `sod.json: ${problem}`));
  return { organisation: records, sod: EMPTY_SOD_POLICY, warnings };
}

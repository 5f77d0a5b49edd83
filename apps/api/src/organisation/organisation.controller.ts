import { Controller, Inject } from '@nestjs/common';
import { OrganisationFile, type OrganisationImported, type OrganisationSummary } from '@keyward/contract';
import { NotFoundError } from '@keyward/runtime';
import { Audit } from '../auth/audit.js';
import { Incoming, param, type Call } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { OrganisationImport } from './organisation-import.js';

/** Who is who: the context files, into a running service. */
@Controller()
export class OrganisationController {
  readonly #imports: OrganisationImport;
  readonly #audit: Audit;

  constructor(@Inject(OrganisationImport) imports: OrganisationImport, @Inject(Audit) audit: Audit) {
    this.#imports = imports;
    this.#audit = audit;
  }

  @Endpoint('organisation.show')
  show(): Promise<OrganisationSummary> {
    return this.#imports.summary();
  }

  @Endpoint('organisation.import')
  async import(@Incoming() call: Call<'organisation.import'>): Promise<OrganisationImported> {
    const file = OrganisationFile.safeParse(param(call, 'file'));
    if (!file.success) throw new NotFoundError('not_found', `The context has the files ${OrganisationFile.options.join(', ')}.`);
    const imported = await this.#imports.replace(file.data, call.request, call.query);
    const { records, added, changed, removed, dryRun } = imported;
    const detail = `${records} records: ${added} new, ${changed} changed, ${removed} gone`;
    if (!dryRun) await this.#audit.write(call, { action: 'organisation.import', object: file.data, detail });
    return imported;
  }
}

import { identityContextOf } from '@keyward/alerts';
import type { IdentityCard, IdentityRef, IdentitySummary } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import type { IdentityRecord } from '@keyward/identity';
import type { Clock } from '@keyward/runtime';
import type { OrganisationSource } from '@keyward/stages';
import { riskNow, type Standing } from './identity-standing.js';

/** Puts names and the organisation's words to identity ids. */
export class Directory {
  readonly #source: OrganisationSource;
  readonly #clock: Clock;

  constructor(source: OrganisationSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  get organisation(): ReturnType<OrganisationSource['current']>['organisation'] {
    return this.#source.current().organisation;
  }
  get sod(): ReturnType<OrganisationSource['current']>['sod'] {
    return this.#source.current().sod;
  }

  ref(id: string): IdentityRef {
    return { id, displayName: this.organisation.identity(id)?.displayName ?? id };
  }

  summary(id: string, standing: Standing): IdentitySummary {
    const record = this.organisation.identity(id);
    const now = this.#clock.now();
    const lastSeen = standing.lastSeen.get(id);
    return {
      ...this.ref(id),
      kind: record?.kind ?? 'unknown',
      privileged: record?.privileged ?? false,
      department: record?.department ?? null,
      team: record?.team ?? null,
      title: record?.title ?? null,
      status: this.organisation.statusAt(id, now),
      risk: riskNow(standing.contributions.get(id) ?? [], now, identityContextOf(this.organisation, id)).risk,
      openAlerts: standing.openAlerts.get(id) ?? 0,
      activeGrants: standing.activeGrants.get(id) ?? 0,
      lastSeen: lastSeen === undefined ? null : isoInstant(lastSeen),
    };
  }

  card(id: string, standing: Standing): IdentityCard {
    const record: IdentityRecord | undefined = this.organisation.identity(id);
    const now = this.#clock.now();
    return {
      ...this.summary(id, standing),
      email: record?.email ?? null,
      manager: record?.manager === undefined ? null : this.ref(record.manager),
      owner: record?.owner === undefined ? null : this.ref(record.owner),
      home: record?.home
        ? { lat: record.home.lat, lon: record.home.lon, city: record.home.city ?? null, country: record.home.country ?? null }
        : null,
      timezone: record?.timezone ?? null,
      criticality: this.organisation.criticalityOf(id),
      onLeave: this.organisation.isOnLeave(id, now),
      onCall: this.organisation.isOnCall(id, now),
    };
  }
}

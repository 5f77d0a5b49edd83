import type { IdentityDay, Label } from '@keyward/evaluation';

/** What was said first of something that was done on purpose: the feature or detection of its most unlikely event. */
export class NamedCauses {
  readonly #ofEvent = new Map<string, string[]>();
  readonly #ofDay = new Map<string, string[]>();
  readonly #attackEvents = new Set<string>();
  readonly #attackDays = new Set<string>();
  readonly #named = new Map<string, { readonly name: string; readonly p: number }>();

  constructor(labels: readonly Label[]) {
    for (const { id, label, events, days } of labels) {
      for (const { source, time } of events) {
        append(this.#ofEvent, eventKey(source, time), id);
        if (label === 'attack') this.#attackEvents.add(eventKey(source, time));
      }
      for (const day of days) {
        append(this.#ofDay, dayKey(day), id);
        // Where a history does not say which events were the attack's, none of that day is called benign.
        if (label === 'attack' && events.length === 0) this.#attackDays.add(dayKey(day));
      }
    }
    this.#eventless = new Set(labels.filter(({ events }) => events.length === 0).map(({ id }) => id));
  }
  readonly #eventless: ReadonlySet<string>;

  /** @param feature named first of an event with this p */
  event(source: string, time: string, identity: string, feature: string, p: number): void {
    this.#name(this.#ofEvent.get(eventKey(source, time)) ?? [], feature, p);
    const ofDay = this.#ofDay.get(dayKey({ identity, day: time.slice(0, 10) })) ?? [];
    this.#name(
      ofDay.filter((id) => this.#eventless.has(id)),
      feature,
      p,
    );
  }
  finding(day: IdentityDay, detection: string, p: number): void {
    this.#name(this.#ofDay.get(dayKey(day)) ?? [], detection, p);
  }
  isAttack(source: string, time: string, identity: string): boolean {
    return this.#attackEvents.has(eventKey(source, time)) || this.#attackDays.has(dayKey({ identity, day: time.slice(0, 10) }));
  }
  /** @param id of a label */
  of(id: string): string | undefined {
    return this.#named.get(id)?.name;
  }

  #name(ids: readonly string[], name: string, p: number): void {
    for (const id of ids) if (p < (this.#named.get(id)?.p ?? Infinity)) this.#named.set(id, { name, p });
  }
}

const eventKey = (source: string, time: string): string => `${source} ${new Date(time).toISOString()}`;
export const dayKey = ({ identity, day }: IdentityDay): string => `${day} ${identity}`;
function append(lists: Map<string, string[]>, key: string, id: string): void {
  const list = lists.get(key);
  if (list) list.push(id);
  else lists.set(key, [id]);
}

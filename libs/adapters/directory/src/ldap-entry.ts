/** An entry as it was read: names of attributes in lower case, values as text; a binary one in the form that logs write it in. */
export interface LdapEntry {
  readonly dn: string;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export const valuesOf = (entry: LdapEntry, attribute: string): readonly string[] => entry.values.get(attribute.toLowerCase()) ?? [];
export const textOf = (entry: LdapEntry, attribute: string): string | undefined =>
  valuesOf(entry, attribute)
    .find((value) => value.trim() !== '')
    ?.trim();

/** Attributes that are bytes. */
export const BINARY = ['objectGUID', 'objectSid'] as const;

/** @param attributes as the library gives them: one value, several or none */
export function entryOf(dn: string, attributes: Readonly<Record<string, unknown>>): LdapEntry {
  const values = new Map<string, readonly string[]>();
  for (const [name, given] of Object.entries(attributes)) {
    // A list that is too long for one answer comes in ranges: `member;range=0-1499`. Memberships are read from the other side, too.
    const attribute = (name.split(';', 1)[0] ?? name).toLowerCase();
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    const texts = list.flatMap((value) =>
      typeof value === 'string' ? [value] : Buffer.isBuffer(value) ? [bytesAsText(attribute, value)] : [],
    );
    values.set(attribute, [...(values.get(attribute) ?? []), ...texts]);
  }
  return { dn, values };
}

function bytesAsText(attribute: string, bytes: Buffer): string {
  if (attribute === 'objectsid') return sidOf(bytes) ?? bytes.toString('utf8');
  if (attribute === 'objectguid' && bytes.length === 16) return guidOf(bytes);
  return bytes.toString('utf8');
}

/** `S-1-5-21-...` of its binary form ([MS-DTYP] 2.4.2.2); undefined when it is none. */
export function sidOf(bytes: Buffer): string | undefined {
  const count = bytes[1] ?? 0;
  if (bytes[0] !== 1 || bytes.length !== 8 + 4 * count) return undefined;
  const parts = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(8 + 4 * index));
  return ['S', 1, bytes.readUIntBE(2, 6), ...parts].join('-');
}

/** The first three groups are little endian ([MS-DTYP] 2.3.4.2). */
function guidOf(bytes: Buffer): string {
  const hex = (from: number, to: number, isReversed: boolean): string => {
    const part = Buffer.from(bytes.subarray(from, to));
    return (isReversed ? part.reverse() : part).toString('hex');
  };
  return [hex(0, 4, true), hex(4, 6, true), hex(6, 8, true), hex(8, 10, false), hex(10, 16, false)].join('-');
}

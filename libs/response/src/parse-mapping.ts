import { parseDocument } from 'yaml';

export type ParsedMapping =
  { readonly ok: true; readonly mapping: Readonly<Record<string, unknown>> } | { readonly ok: false; readonly message: string };

/** @param text YAML 1.2, so JSON too @returns its top level; an empty text is an empty mapping */
export function parseMapping(text: string): ParsedMapping {
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error) return { ok: false, message: error.message };
  try {
    // Aliases are cut short: a setting has no use for a billion laughs.
    const value: unknown = document.toJS({ maxAliasCount: 10 }) ?? {};
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ok: true, mapping: { ...value } };
    return { ok: false, message: 'expected a mapping of names to values' };
  } catch (failure) {
    return { ok: false, message: failure instanceof Error ? failure.message : 'not readable' };
  }
}

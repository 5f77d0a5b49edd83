/** By `<day> <identity>`: findings of rules. */
export type RuleFindings = ReadonlyMap<string, readonly { readonly detection: string; readonly p: number }[]>;

import { z } from 'zod';

/** ISO 8601 UTC, ending in `Z`. Every instant that crosses HTTP is one, except inside `AccessEvent` and OCSF records (epoch milliseconds). */
export const Instant = z.iso.datetime();
export type Instant = z.infer<typeof Instant>;

/** IANA name of a time zone, in the case that the store knows it by. */
export const TimeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z]/) // Intl takes offsets too, the store does not
  .transform((name, context) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    } catch {
      context.addIssue({ code: 'custom', message: 'There is no such time zone' });
      return z.NEVER;
    }
  })
  .pipe(z.string());

export const Score = z.number().min(0).max(100);

/** Opaque: where the next page starts. Only what a list answered may be sent back, with the same filter and sort. */
export const Cursor = z.string().max(1_000);

/** One page of a list. `nextCursor` is null on the last one. `total` counts the whole filter, where that is cheap. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable(), total: z.number().int().nonnegative().optional() });

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
  readonly total?: number;
}

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 200;

/** Query parameters of every list. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(DEFAULT_PAGE_SIZE),
  cursor: Cursor.optional(),
});

/** Several values of one parameter, comma separated: `status=new,in_progress`. */
export const listOf = <Item extends z.ZodType<unknown, string>>(item: Item) =>
  z
    .string()
    .transform((text) => text.split(',').filter((part) => part !== ''))
    .pipe(z.array(item));

/** Where in the dashboard a number's own rows stand: a list and the query that selects them. */
export const Link = z.object({
  to: z.enum(['alerts', 'events', 'identities', 'grants', 'effects']),
  query: z.record(z.string(), z.string()),
});
export type Link = z.infer<typeof Link>;

/** A number and the rows behind it. */
export const LinkedCount = z.object({ count: z.number().int().nonnegative(), link: Link });
export type LinkedCount = z.infer<typeof LinkedCount>;

/** An identity as lists name it. `displayName` is the id when nothing better is known. */
export const IdentityRef = z.object({ id: z.string(), displayName: z.string() });
export type IdentityRef = z.infer<typeof IdentityRef>;

/** Free text that a person gives as a reason or note. */
export const Note = z.string().trim().max(2_000);
export const Reason = z.string().trim().min(3).max(1_000);

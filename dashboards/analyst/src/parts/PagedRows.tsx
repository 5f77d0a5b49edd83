import type { ReactNode } from 'react';
import { More } from './More.js';
import { ErrorState, Loading } from './states.js';

/** What a list of pages says of itself, of whatever it is a list. */
interface PagedList {
  readonly data: { readonly pages: readonly { readonly total?: number | undefined }[] } | undefined;
  readonly error: unknown;
  readonly isError: boolean;
  readonly isPending: boolean;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  refetch(): Promise<unknown>;
  fetchNextPage(): Promise<unknown>;
}
interface Props<Item> {
  readonly list: PagedList;
  readonly items: readonly Item[];
  /** In the plural: `events`. */
  readonly noun: string;
  readonly empty: ReactNode;
  /** Height of one row while it loads, px. */
  readonly rowHeight?: number;
  readonly children: (items: readonly Item[]) => ReactNode;
}

export const itemsOf = <Item,>(list: { readonly data: { readonly pages: readonly { readonly items: readonly Item[] }[] } | undefined }) =>
  list.data?.pages.flatMap((page) => page.items) ?? [];
/** How many there are in all, where that is known. */
export const totalOf = (list: Pick<PagedList, 'data'>): number | undefined => list.data?.pages[0]?.total;

/** A list, page by page: loading, failed, empty, or its rows with the next page at the foot. What was loaded stays while a refresh fails. */
export function PagedRows<Item>({ list, items, noun, empty, rowHeight = 22, children }: Props<Item>) {
  if (list.isError && items.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading rows={10} height={rowHeight} />;
  if (items.length === 0) return empty;
  return (
    <>
      {children(items)}
      <More
        shown={items.length}
        total={totalOf(list)}
        noun={noun}
        more={list.hasNextPage}
        loading={list.isFetchingNextPage}
        onMore={() => void list.fetchNextPage()}
      />
    </>
  );
}

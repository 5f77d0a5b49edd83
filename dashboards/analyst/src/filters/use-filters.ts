import { useLocation, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { pickSearch, withFilters, FILTERS, type FilterName, type RouterSearch, type Search } from './search.js';

/** The page's filters, as the URL has them, and how to change them: the URL is the only state. */
export function useFilters(name: FilterName): readonly [Search, (change: Search, how?: { readonly replace?: boolean }) => void] {
  const raw = useLocation({ select: (location): unknown => location.searchStr });
  const text = typeof raw === 'string' ? raw : '';
  const search = useMemo(() => pickSearch(Object.fromEntries(new URLSearchParams(text)), FILTERS[name]), [text, name]);
  const navigate = useNavigate();
  const change = useCallback(
    (filters: Search, how?: { readonly replace?: boolean }) => {
      void navigate({
        to: '.',
        search: (before: RouterSearch) => withFilters(before, filters),
        replace: how?.replace ?? false,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return [search, change];
}

import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { formatCount } from '../format/number.js';

const ONE: Readonly<Record<string, string>> = {
  accounts: 'account',
  alerts: 'alert',
  entries: 'entry',
  events: 'event',
  grants: 'grant',
  identities: 'identity',
  decisions: 'decision',
};

interface Props {
  readonly shown: number;
  readonly total: number | undefined;
  readonly noun: string;
  readonly more: boolean;
  readonly loading: boolean;
  readonly onMore: () => void;
}
/** The foot of a list: how much of it is here, and the next page, fetched by itself when it comes into view. */
export function More({ shown, total, noun, more, loading, onMore }: Props) {
  const foot = useRef<HTMLDivElement>(null);
  const ask = useRef(onMore);
  useEffect(() => {
    ask.current = onMore;
  }, [onMore]);
  useEffect(() => {
    if (!foot.current || !more || loading) return undefined;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) ask.current();
    });
    observer.observe(foot.current);
    return () => {
      observer.disconnect();
    };
  }, [more, loading, shown]);
  return (
    <div ref={foot} className="kw-row kw-small kw-muted" style={{ padding: '8px 14px' }}>
      <span>
        {formatCount(shown)}
        {total !== undefined && total > shown ? ` of ${formatCount(total)}` : ''}{' '}
        {shown === 1 && (total ?? 1) === 1 ? (ONE[noun] ?? noun) : noun}
      </span>
      {more && (
        <Button size="compact-xs" variant="default" loading={loading} onClick={onMore}>
          Load more
        </Button>
      )}
    </div>
  );
}

import { Button, Skeleton } from '@mantine/core';
import { IconAlertTriangle, IconInbox } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { explainError } from '../api/explain-error.js';

/** Nothing to show, and why that is so. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="kw-state" data-kind="empty">
      <IconInbox aria-hidden />
      <p className="kw-state-title">{title}</p>
      {children !== undefined && <div className="kw-state-detail">{children}</div>}
    </div>
  );
}

/** A failure in words, and what to do next. */
export function ErrorState({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const said = explainError(error);
  return (
    <div className="kw-state" data-kind="error" role="alert">
      <IconAlertTriangle aria-hidden />
      <p className="kw-state-title">{said.title}</p>
      <p className="kw-state-detail">{said.detail}</p>
      {said.requestId !== undefined && <p className="kw-mono">Request {said.requestId}</p>}
      {onRetry && said.retry && (
        <Button size="xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function Loading({ rows = 5, height = 16 }: { readonly rows?: number; readonly height?: number }) {
  return (
    <div className="kw-skeletons" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} width={`${100 - ((row * 13) % 40)}%`} />
      ))}
    </div>
  );
}

interface AsyncProps<Data> {
  readonly query: UseQueryResult<Data>;
  readonly rows?: number;
  readonly height?: number;
  readonly children: (data: Data) => ReactNode;
}
/** Loading, failed, or there. What was loaded before stays on the page while a refresh fails. */
export function Async<Data>({ query, rows, height, children }: AsyncProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading {...(rows === undefined ? {} : { rows })} {...(height === undefined ? {} : { height })} />;
}

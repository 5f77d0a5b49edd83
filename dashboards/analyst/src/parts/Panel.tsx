import type { ReactNode } from 'react';

interface Props {
  readonly title: string;
  readonly note?: ReactNode;
  readonly side?: ReactNode;
  readonly span?: 3 | 4 | 5 | 6 | 7 | 8 | 9;
  /** Without padding, for tables that reach the border. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** One titled part of a page. */
export function Panel({ title, note, side, span, flush = false, children }: Props) {
  return (
    <section className="kw-panel" data-span={span} aria-label={title}>
      <header className="kw-panel-head">
        <h2>{title}</h2>
        {note !== undefined && <span className="kw-panel-note">{note}</span>}
        {side !== undefined && <div className="kw-panel-side">{side}</div>}
      </header>
      <div className="kw-panel-body" data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  );
}

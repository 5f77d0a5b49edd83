import { useEffect, useRef, type ReactNode } from 'react';

interface Props {
  readonly label: string;
  /** Of the tab that is shown: on a narrow screen it is brought into sight. */
  readonly current: string;
  readonly children: ReactNode;
}

/** Links to the parts of a page, one of which is `aria-current`. */
export function TabRow({ label, current, children }: Props) {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    const tab = row.current?.querySelector('[aria-current]');
    if (!row.current || !(tab instanceof HTMLElement)) return;
    // Not scrollIntoView: that moves the page too.
    row.current.scrollLeft = tab.offsetLeft - row.current.offsetLeft - (row.current.clientWidth - tab.offsetWidth) / 2;
  }, [current]);
  return (
    <nav ref={row} className="kw-tab-row" aria-label={label}>
      {children}
    </nav>
  );
}

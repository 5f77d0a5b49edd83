import { Drawer } from '@mantine/core';
import { IconMenu2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useLocation } from '@tanstack/react-router';
import { Suspense, useEffect, useState } from 'react';
import { rememberCsrfToken } from '../api/client.js';
import { sessionQuery } from '../api/queries.js';
import { LiveProvider } from '../live/LiveProvider.js';
import { EventDrawer } from '../pages/events/EventDrawer.js';
import { ChangePassword } from '../pages/login/ChangePassword.js';
import { ErrorState, Loading } from '../parts/states.js';
import { SideBar } from './SideBar.js';
import { SessionContext } from './session.js';
import { TopTools } from './TopTools.js';

const TITLES: readonly (readonly [string, string])[] = [
  ['/alerts/', 'Alert'],
  ['/alerts', 'Alerts'],
  ['/identities/', 'Identity'],
  ['/identities', 'Identities'],
  ['/grants', 'Grants'],
  ['/events', 'Events'],
  ['/verdicts', 'Verdicts'],
  ['/backtests/', 'Backtest'],
  ['/backtests', 'Backtests'],
  ['/sources/', 'Source'],
  ['/sources', 'Sources'],
  ['/settings', 'Settings'],
  ['/', 'Overview'],
];
export const titleOf = (path: string): string => TITLES.find(([start]) => path.startsWith(start))?.[1] ?? 'Keyward';

/** Side bar, top bar and the page: all that stands behind the login. */
export function Frame() {
  const session = useQuery(sessionQuery);
  const path = useLocation({ select: (location) => location.pathname });
  const [menuFor, setMenuFor] = useState<string>();
  const title = titleOf(path);
  useEffect(() => {
    document.title = `${title} – Keyward`;
  }, [title]);

  if (session.isError && session.data === undefined) return <ErrorState error={session.error} onRetry={() => void session.refetch()} />;
  if (!session.data) return <Loading rows={6} height={22} />;
  rememberCsrfToken(session.data.csrfToken);
  if (session.data.mustChangePassword) {
    return (
      <main className="kw-login">
        <div className="kw-login-card">
          <h1 style={{ fontSize: 17, marginBottom: 8 }}>Welcome, {session.data.displayName}</h1>
          <ChangePassword forced />
        </div>
      </main>
    );
  }
  return (
    <SessionContext value={session.data}>
      <LiveProvider>
        <a href="#page" className="kw-skip">
          Skip to the page
        </a>
        <div className="kw-frame">
          <div className="kw-side-column">
            <SideBar />
          </div>
          <div className="kw-main">
            <header className="kw-top">
              <button
                type="button"
                className="kw-tool kw-burger"
                aria-label="Open the menu"
                onClick={() => {
                  setMenuFor(path);
                }}
              >
                <IconMenu2 aria-hidden />
              </button>
              <span className="kw-top-title">{title}</span>
              <TopTools />
            </header>
            <main id="page" className="kw-page" tabIndex={-1} style={{ outline: 'none' }}>
              <Suspense fallback={<Loading rows={8} height={22} />}>
                <Outlet />
              </Suspense>
            </main>
            {/* The licence of the place data asks for this wherever places are shown. */}
            <footer className="kw-foot">
              Places:{' '}
              <a href="https://db-ip.com" target="_blank" rel="noreferrer">
                IP Geolocation by DB-IP
              </a>
            </footer>
          </div>
        </div>
        <Drawer
          opened={menuFor === path}
          onClose={() => {
            setMenuFor(undefined);
          }}
          position="left"
          size={240}
          title="Menu"
          className="kw-side-drawer"
          closeButtonProps={{ 'aria-label': 'Close the menu' }}
        >
          <SideBar />
        </Drawer>
        <EventDrawer />
      </LiveProvider>
    </SessionContext>
  );
}

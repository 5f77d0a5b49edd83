import { Menu, Modal, Tooltip } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconPlayerPause, IconPlayerPlay, IconSun, IconUserCircle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/client.js';
import { words } from '../format/words.js';
import { useLive } from '../live/live-context.js';
import type { LiveState } from '../live/live-stream.js';
import { ChangePassword } from '../pages/login/ChangePassword.js';
import { useScheme, useSchemeChoice, useZone } from './preferences.js';
import { useSession } from './session.js';

const LIVE_WORDS: Readonly<Record<LiveState, string>> = { live: 'Live', connecting: 'Connecting', paused: 'Paused' };
const LIVE_HELP: Readonly<Record<LiveState, string>> = {
  live: 'New alerts, grants and decisions appear by themselves. Click to pause.',
  connecting: 'The live stream is not connected; trying again by itself. What you see may be old. Click to pause.',
  paused: 'Nothing on the page moves until you resume.',
};

export function TopTools() {
  const live = useLive();
  const [zone, setZone] = useZone();
  return (
    <div className="kw-top-tools">
      <Tooltip label={LIVE_HELP[live.state]}>
        <button
          type="button"
          className="kw-tool"
          onClick={live.toggle}
          aria-label={`Live updates: ${LIVE_WORDS[live.state]}. ${live.state === 'paused' ? 'Resume' : 'Pause'}`}
        >
          <span className="kw-dot" data-state={live.state} aria-hidden />
          <span role="status">{LIVE_WORDS[live.state]}</span>
          {live.state === 'paused' ? <IconPlayerPlay aria-hidden /> : <IconPlayerPause aria-hidden />}
        </button>
      </Tooltip>
      <Tooltip label={zone === 'utc' ? 'Times are in UTC. Click for local time.' : 'Times are in your local zone. Click for UTC.'}>
        <button
          type="button"
          className="kw-tool"
          onClick={() => {
            setZone(zone === 'utc' ? 'local' : 'utc');
          }}
          aria-label={`Times in ${zone === 'utc' ? 'UTC' : 'local time'}. Switch`}
        >
          {zone === 'utc' ? 'UTC' : 'Local'}
        </button>
      </Tooltip>
      <SchemeMenu />
      <UserMenu />
    </div>
  );
}

function SchemeMenu() {
  const scheme = useScheme();
  const { colorScheme, setColorScheme } = useSchemeChoice();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <button type="button" className="kw-tool" aria-label={`Theme: ${colorScheme === 'auto' ? 'as the system' : colorScheme}. Change`}>
          {scheme === 'dark' ? <IconMoon aria-hidden /> : <IconSun aria-hidden />}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconSun size={14} aria-hidden />}
          onClick={() => {
            setColorScheme('light');
          }}
        >
          Light
        </Menu.Item>
        <Menu.Item
          leftSection={<IconMoon size={14} aria-hidden />}
          onClick={() => {
            setColorScheme('dark');
          }}
        >
          Dark
        </Menu.Item>
        <Menu.Item
          leftSection={<IconDeviceDesktop size={14} aria-hidden />}
          onClick={() => {
            setColorScheme('auto');
          }}
        >
          As the system
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function UserMenu() {
  const session = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [changing, setChanging] = useState(false);
  const logout = useMutation({
    mutationFn: () => call('session.logout'),
    onSettled: async () => {
      await navigate({ to: '/login', search: {} });
      client.clear();
    },
  });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <button type="button" className="kw-tool" aria-label={`${session.displayName}, ${session.role}. Account menu`}>
            <IconUserCircle aria-hidden />
            <span className="kw-tool-text">{session.displayName}</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {session.user}, {words(session.role).toLowerCase()}
          </Menu.Label>
          <Menu.Item
            onClick={() => {
              setChanging(true);
            }}
          >
            Change password
          </Menu.Item>
          <Menu.Item
            onClick={() => {
              logout.mutate();
            }}
          >
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={changing}
        onClose={() => {
          setChanging(false);
        }}
        title="Change password"
      >
        <ChangePassword
          forced={false}
          onDone={() => {
            setChanging(false);
          }}
        />
      </Modal>
    </>
  );
}

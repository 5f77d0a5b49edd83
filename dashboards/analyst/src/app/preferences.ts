import { useLocalStorage } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useMantineColorScheme, useComputedColorScheme } from '@mantine/core';
import { palettes, type Palette, type Scheme } from '../charts/palette.js';
import type { Zone } from '../format/time.js';

/** UTC unless the analyst chose the browser's own zone; remembered on this machine. */
export function useZone(): readonly [Zone, (zone: Zone) => void] {
  const [zone, setZone] = useLocalStorage({ key: 'keyward-zone', defaultValue: 'utc', getInitialValueInEffect: false });
  return [zone === 'local' ? 'local' : 'utc', setZone];
}

/** The scheme that is shown: the analyst's choice, else the system's. */
export function useScheme(): Scheme {
  return useComputedColorScheme('light', { getInitialValueInEffect: false });
}
export const usePalette = (): Palette => palettes[useScheme()];
/** Transitions are kept: Mantine would stop them with a style element, which the CSP forbids. */
export const useSchemeChoice = (): {
  readonly colorScheme: 'light' | 'dark' | 'auto';
  readonly setColorScheme: (choice: 'light' | 'dark' | 'auto') => void;
} => useMantineColorScheme({ keepTransitions: true });

/** The wall clock, to show ages and countdowns; nothing is computed from it. @param everyMs how often it ticks */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => {
      setNow(Date.now());
    }, everyMs);
    return () => {
      window.clearInterval(timer);
    };
  }, [everyMs]);
  return now;
}

import type { StreamEvent } from '@keyward/contract';
import { createContext, useContext } from 'react';
import type { LiveState } from './live-stream.js';

export interface Live {
  readonly state: LiveState;
  readonly toggle: () => void;
  /** The newest alert that came by the stream; undefined since the page was loaded. */
  readonly newest: Extract<StreamEvent, { kind: 'alert' }> | undefined;
}
export const LiveContext = createContext<Live>({ state: 'paused', toggle: () => undefined, newest: undefined });
export const useLive = (): Live => useContext(LiveContext);

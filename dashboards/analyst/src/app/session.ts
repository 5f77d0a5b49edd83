import { roleAtLeast, type Role, type SessionInfo } from '@keyward/contract';
import { createContext, useContext } from 'react';

/** Who is signed in; everything behind the login page may rely on it. */
export const SessionContext = createContext<SessionInfo | undefined>(undefined);
export function useSession(): SessionInfo {
  const session = useContext(SessionContext);
  if (!session) throw new Error('No session: this page must stand behind the frame.');
  return session;
}
/** Whether to offer something. The API decides; a button that would only be refused is shown disabled with the reason. */
export const useMay = (needed: Role): boolean => roleAtLeast(useSession().role, needed);

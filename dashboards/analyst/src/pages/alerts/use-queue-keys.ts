import { useEffect, useRef } from 'react';
import { queueAction, type QueueAction } from './alert-keys.js';

/** Listens on the page while no dialog is open. */
export function useQueueKeys(on: (action: QueueAction) => void, enabled: boolean): void {
  const handler = useRef(on);
  useEffect(() => {
    handler.current = on;
  }, [on]);
  useEffect(() => {
    if (!enabled) return undefined;
    const listen = (event: KeyboardEvent): void => {
      const action = queueAction(event, whereIs(event.target));
      if (!action) return;
      event.preventDefault();
      handler.current(action);
    };
    window.addEventListener('keydown', listen);
    return () => {
      window.removeEventListener('keydown', listen);
    };
  }, [enabled]);
}

function whereIs(target: EventTarget | null): 'page' | 'control' | 'field' {
  if (!(target instanceof HTMLElement)) return 'page';
  if (target.isContentEditable || target.closest('textarea, select, input:not([type=checkbox])')) return 'field';
  return target.closest('a, button, [role=menu], [role=dialog]') ? 'control' : 'page';
}

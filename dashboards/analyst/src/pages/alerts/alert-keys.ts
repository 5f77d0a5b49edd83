/** What a key does in the queue. `undefined`: nothing, the browser may have it. */
export type QueueAction = 'next' | 'previous' | 'select' | 'select_all' | 'status' | 'open' | 'search' | 'refresh' | 'help' | 'clear';

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}
const ACTIONS: Readonly<Record<string, QueueAction>> = {
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  x: 'select',
  X: 'select_all',
  e: 'status',
  Enter: 'open',
  o: 'open',
  '/': 'search',
  '.': 'refresh',
  '?': 'help',
  Escape: 'clear',
};
/** @param where what has the focus: keys belong to a field while somebody types, and Enter to a link or button */
export function queueAction(key: Key, where: 'page' | 'control' | 'field'): QueueAction | undefined {
  if (where === 'field' || key.ctrlKey || key.metaKey || key.altKey) return undefined;
  if (where === 'control' && (key.key === 'Enter' || key.key.startsWith('Arrow'))) return undefined;
  return ACTIONS[key.key];
}

export const KEY_HELP: readonly (readonly [string, string])[] = [
  ['j, k', 'next, previous alert'],
  ['Enter, o', 'open the alert'],
  ['x', 'select it'],
  ['Shift x', 'select all that are loaded'],
  ['e', 'set the status of what is selected'],
  ['/', 'search'],
  ['.', 'show new alerts'],
  ['Esc', 'clear the selection'],
  ['?', 'this help'],
];

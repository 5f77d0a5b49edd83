import { describe, expect, it } from 'vitest';
import { queueAction } from './alert-keys.js';

const plain = { ctrlKey: false, metaKey: false, altKey: false };

describe('keys of the queue', () => {
  it.each([
    ['j', 'next'],
    ['k', 'previous'],
    ['x', 'select'],
    ['e', 'status'],
    ['/', 'search'],
    ['?', 'help'],
  ] as const)('%s means %s', (key, action) => {
    expect(queueAction({ ...plain, key }, 'page')).toBe(action);
  });
  it('leave a field alone while somebody types', () => {
    expect(queueAction({ ...plain, key: 'j' }, 'field')).toBeUndefined();
  });
  it('leave the browser its own shortcuts', () => {
    expect(queueAction({ ...plain, key: 'k', ctrlKey: true }, 'page')).toBeUndefined();
  });
  it('leave Enter to the link or button that has the focus', () => {
    expect(queueAction({ ...plain, key: 'Enter' }, 'control')).toBeUndefined();
    expect(queueAction({ ...plain, key: 'x' }, 'control')).toBe('select');
  });
});

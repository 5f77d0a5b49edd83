/** Where to go after signing in: a path of this dashboard only, never another site. */
export function safeNext(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next) || next.startsWith('/login') || !URL.canParse(next, 'http://keyward.invalid')) return '/';
  const url = new URL(next, 'http://keyward.invalid');
  return url.host === 'keyward.invalid' ? url.pathname + url.search : '/';
}

import { useLayoutEffect } from 'react';
import { useScheme } from './preferences.js';
import { applyPalette } from './theme.js';

/** Puts the palette of the scheme that is shown on the page, before it is painted. */
export function PaletteOnPage() {
  const scheme = useScheme();
  useLayoutEffect(() => {
    applyPalette(scheme);
  }, [scheme]);
  return null;
}

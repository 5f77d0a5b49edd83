import { createTheme, Drawer, Menu, Modal, Popover, Tooltip } from '@mantine/core';
import { palettes, SEVERITY_NAMES, type Palette, type Scheme } from '../charts/palette.js';

/** react-remove-scroll writes a style element, which the strict CSP forbids; the backdrop covers the page anyway. */
const noScrollLock = { lockScroll: false } as const;
/** Mantine writes the head of a dialog as `<header>`, which would be a second banner of the page. */
const noBanner = { attributes: { header: { role: 'presentation' } } } as const;

export const theme = createTheme({
  respectReducedMotion: true,
  defaultRadius: 'sm',
  fontFamily: "'Inter Variable', Inter, system-ui, sans-serif",
  components: {
    Modal: Modal.extend({
      defaultProps: {
        closeButtonProps: { 'aria-label': 'Close' },
        ...noScrollLock,
        ...noBanner,
        centered: true,
        transitionProps: { duration: 120 },
      },
    }),
    Drawer: Drawer.extend({ defaultProps: { ...noScrollLock, ...noBanner, position: 'right', transitionProps: { duration: 140 } } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md', transitionProps: { duration: 80 } } }),
    Popover: Popover.extend({ defaultProps: { shadow: 'md', transitionProps: { duration: 80 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, transitionProps: { duration: 80 }, multiline: true, maw: 360 } }),
  },
});

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Every colour of a palette as a custom property: `--kw-surface`, `--kw-severity-high`, `--kw-sequence-3`. */
export function paletteProperties(palette: Palette): readonly (readonly [string, string])[] {
  const { severity, sequence, ...plain } = palette;
  return [
    ...Object.entries(plain).map(([name, colour]) => [`--kw-${kebab(name)}`, colour] as const),
    ...SEVERITY_NAMES.map((name) => [`--kw-severity-${name}`, severity[name]] as const),
    ...sequence.map((colour, i) => [`--kw-sequence-${i}`, colour] as const),
  ];
}

/** Puts the palette on the page. Through the CSSOM, which a strict CSP allows, where a style element would not be. */
export function applyPalette(scheme: Scheme, root: HTMLElement = document.documentElement): void {
  for (const [name, colour] of paletteProperties(palettes[scheme])) root.style.setProperty(name, colour);
}

import { SegmentedControl } from '@mantine/core';
import type { Search } from './search.js';

interface Props {
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly hours: number;
  readonly onChange: (change: Search, how: { readonly replace: boolean }) => void;
}
/** How far back a board looks, hours. Not a step of the history: going back leaves the board. */
export const WindowTabs = ({ choices, hours, onChange }: Props) => (
  <SegmentedControl
    className="kw-push"
    size="xs"
    aria-label="Time window"
    data={[...choices]}
    value={String(hours)}
    onChange={(value) => {
      onChange({ hours: value }, { replace: true });
    }}
  />
);

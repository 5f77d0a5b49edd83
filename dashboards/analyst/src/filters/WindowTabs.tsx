import { SegmentedControl } from '@mantine/core';
import type { Search } from './search.js';

interface Props {
  readonly name: 'hours' | 'days';
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly chosen: number;
  readonly onChange: (change: Search, how: { readonly replace: boolean }) => void;
}
/** How far back a board looks. Not a step of the browser's history: going back leaves the board. */
export const WindowTabs = ({ name, choices, chosen, onChange }: Props) => (
  <SegmentedControl
    className="kw-push"
    size="xs"
    aria-label="Time window"
    data={[...choices]}
    value={String(chosen)}
    onChange={(value) => {
      onChange({ [name]: value }, { replace: true });
    }}
  />
);

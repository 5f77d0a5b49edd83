import { SOURCE_WINDOWS } from '@keyward/contract';

const LABELS: Readonly<Record<number, string>> = { 1: '1 h', 24: '24 h', 168: '7 d' };
export const WINDOWS = SOURCE_WINDOWS.map((hours) => ({ value: String(hours), label: LABELS[hours] ?? `${String(hours)} h` }));

/** The window of the address; anything else is a day. */
export const hoursOf = (value: string | undefined): number => SOURCE_WINDOWS.find((hours) => String(hours) === value) ?? 24;

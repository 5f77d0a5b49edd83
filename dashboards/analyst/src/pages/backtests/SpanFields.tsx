import { TextInput } from '@mantine/core';
import { DAY_MS } from '../../format/time.js';
import type { SpanDraft } from './span.js';

interface Props {
  readonly span: SpanDraft;
  readonly problem: string | undefined;
  readonly now: number;
  readonly onChange: (span: SpanDraft) => void;
}
const SHORTCUTS = [7, 28, 90];

export function SpanFields({ span, problem, now, onChange }: Props) {
  const day = (daysAgo: number): string => new Date(now - daysAgo * DAY_MS).toISOString().slice(0, 10);
  return (
    <fieldset className="kw-fieldset">
      <legend>Days (UTC)</legend>
      <div className="kw-fields">
        <TextInput
          type="date"
          size="xs"
          label="First day"
          value={span.first}
          max={day(0)}
          onChange={(event) => {
            onChange({ ...span, first: event.currentTarget.value });
          }}
        />
        <TextInput
          type="date"
          size="xs"
          label="Last day"
          value={span.last}
          max={day(0)}
          onChange={(event) => {
            onChange({ ...span, last: event.currentTarget.value });
          }}
        />
        <TextInput
          size="xs"
          inputMode="numeric"
          label="Days before it, to warm up"
          title="Detections are given these days first: rights and habits that began earlier are not known to them"
          value={span.warmUpDays}
          onChange={(event) => {
            onChange({ ...span, warmUpDays: event.currentTarget.value });
          }}
        />
        <div className="kw-row kw-small kw-shortcuts">
          <span className="kw-muted">Last</span>
          {SHORTCUTS.map((days) => (
            <button
              key={days}
              type="button"
              className="kw-button-plain"
              aria-label={`Last ${days} days`}
              onClick={() => {
                onChange({ ...span, first: day(days), last: day(1) });
              }}
            >
              {days} days
            </button>
          ))}
        </div>
      </div>
      {problem !== undefined && (
        <p className="kw-danger kw-small" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  );
}

import { MAX_BACKTEST_DAYS, type BacktestSettings, type BacktestSummary } from '@keyward/contract';
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.js';
import { useNow } from '../../app/preferences.js';
import { DAY_MS } from '../../format/time.js';
import { Failure } from '../../parts/Failure.js';
import { NO_CHANGE, draftedChange, type ChangeDraft } from './change-draft.js';
import { BUDGET_KEY, changedValueName } from './change-words.js';
import { DetectionFields, ValueField } from './DetectionFields.js';
import { JsonFields } from './JsonFields.js';
import { SpanFields } from './SpanFields.js';
import { spanOf, type SpanDraft } from './span.js';

const DEFAULT_DAYS = 28;
const DAY_LENGTH = 10;

interface Props {
  readonly settings: BacktestSettings;
  /** What the form begins with: that of an earlier backtest, or nothing. */
  readonly draft: ChangeDraft;
  readonly span?: { readonly from: string; readonly to: string };
  readonly mayAsk: boolean;
  readonly onAsked: (backtest: BacktestSummary) => void;
}

/** A change in the fields of what is in force, and the days that it is tried on. */
export function ChangeForm({ settings, draft: given, span: earlier, mayAsk, onAsked }: Props) {
  const now = useNow(DAY_MS);
  const [draft, setDraft] = useState(given);
  const [span, setSpan] = useState<SpanDraft>(() =>
    earlier
      ? { first: earlier.from.slice(0, DAY_LENGTH), last: dayText(Date.parse(earlier.to) - 1), warmUpDays: '90' }
      : { first: dayText(now - DEFAULT_DAYS * DAY_MS), last: dayText(now - DAY_MS), warmUpDays: '90' },
  );
  const client = useQueryClient();
  const { change, problems, differences } = draftedChange(draft, settings);
  const wanted = spanOf(span, MAX_BACKTEST_DAYS);
  const ask = useMutation({
    mutationFn: (days: { readonly from: string; readonly to: string; readonly warmUpDays: number }) =>
      call('backtests.create', { body: { ...days, change } }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['backtests'] });
      onAsked(made);
    },
  });
  const setValue = (key: string, text: string): void => {
    setDraft((before) => ({ ...before, values: { ...before.values, [key]: text } }));
  };
  const budget = settings.detections.flatMap(({ id, parameters }) =>
    parameters.filter(({ name }) => `${id}.${name}` === BUDGET_KEY).map((parameter) => ({ parameter })),
  )[0];
  const detections = settings.detections.filter(({ id }) => !BUDGET_KEY.startsWith(`${id}.`));
  const wrong = Object.keys(problems).length;
  const hint = hintOf({ mayAsk, wrong, isSpanWrong: 'problem' in wanted, isNothing: differences.length === 0 });
  return (
    <form
      className="kw-stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!('problem' in wanted) && hint === undefined) ask.mutate(wanted);
      }}
    >
      <SpanFields span={span} problem={'problem' in wanted ? wanted.problem : undefined} now={now} onChange={setSpan} />
      {budget && (
        <div className="kw-fields">
          <ValueField
            id={BUDGET_KEY}
            label="Alert budget"
            unit="alerts on behaviour per 1,000 people and day"
            parameter={budget.parameter}
            text={draft.values[BUDGET_KEY]}
            problem={problems[BUDGET_KEY]}
            onChange={setValue}
          />
        </div>
      )}
      <fieldset className="kw-fieldset">
        <legend>Detections</legend>
        {detections.map((detection) => (
          <DetectionFields key={detection.id} detection={detection} draft={draft} problems={problems} onChange={setValue} />
        ))}
      </fieldset>
      <fieldset className="kw-fieldset">
        <legend>Policies</legend>
        <JsonFields settings={settings} draft={draft} problems={problems} onChange={setDraft} />
      </fieldset>
      {differences.length > 0 && (
        <ul className="kw-small" aria-label="What changes">
          {differences.map(({ key, from, to }) => (
            <li key={key} className="kw-wrap">
              {changedValueName(key)}: <span className="kw-muted">{from} →</span> <strong>{to}</strong>
            </li>
          ))}
        </ul>
      )}
      {ask.isError && <Failure error={ask.error} />}
      <div className="kw-row">
        <Button type="submit" size="xs" loading={ask.isPending} disabled={hint !== undefined}>
          Run the backtest
        </Button>
        {differences.length + wrong > 0 && (
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              setDraft(NO_CHANGE);
            }}
          >
            Back to what is in force
          </Button>
        )}
        {hint !== undefined && <span className="kw-muted kw-small">{hint}</span>}
      </div>
    </form>
  );
}

function hintOf(state: { mayAsk: boolean; wrong: number; isSpanWrong: boolean; isNothing: boolean }): string | undefined {
  if (!state.mayAsk) return 'Needs the role analyst.';
  if (state.wrong > 0) return state.wrong === 1 ? 'One value can’t be used.' : `${state.wrong} values can’t be used.`;
  if (state.isSpanWrong) return 'The days can’t be used.';
  return state.isNothing ? 'Nothing differs from what is in force yet.' : undefined;
}
const dayText = (at: number): string => new Date(at).toISOString().slice(0, DAY_LENGTH);

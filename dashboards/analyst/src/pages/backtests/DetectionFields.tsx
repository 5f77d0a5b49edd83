import type { BacktestParameter, BacktestSettings } from '@keyward/contract';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { plural } from '../../format/number.js';
import { observedName, words } from '../../format/words.js';
import { fieldKey, textOfValue, type ChangeDraft } from './change-draft.js';

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly unit?: string;
  readonly parameter: BacktestParameter;
  /** Undefined: as it is in force. */
  readonly text: string | undefined;
  readonly problem: string | undefined;
  readonly onChange: (key: string, text: string) => void;
}

/** One value: what is in force stands in it and below it. */
export function ValueField({ id, label, unit, parameter, text, problem, onChange }: FieldProps) {
  const inForce = textOfValue(parameter);
  const isChanged = text !== undefined && text.trim() !== inForce;
  const now = `in force: ${inForce === '' ? 'none' : inForce}`;
  return (
    <TextInput
      size="xs"
      label={label}
      description={unit === undefined ? now : `${unit}; ${now}`}
      inputMode={parameter.kind === 'number' ? 'decimal' : 'text'}
      value={text ?? inForce}
      error={problem}
      data-changed={isChanged || undefined}
      autoComplete="off"
      onChange={(event) => {
        onChange(id, event.currentTarget.value);
      }}
    />
  );
}

interface Props {
  readonly detection: BacktestSettings['detections'][number];
  readonly draft: ChangeDraft;
  readonly problems: Readonly<Record<string, string>>;
  readonly onChange: (key: string, text: string) => void;
}
/** The parameters of one detection, folded until somebody wants to touch them. */
export function DetectionFields({ detection: { id, title, parameters }, draft, problems, onChange }: Props) {
  const changed = parameters.filter((parameter) => {
    const text = draft.values[fieldKey(id, parameter.name)];
    return text !== undefined && text.trim() !== textOfValue(parameter);
  }).length;
  const [open, setOpen] = useState(changed > 0);
  return (
    <details
      className="kw-group kw-detection"
      open={open}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>
        <span className="kw-row" data-nowrap>
          <span>
            {title} {words(id) !== title && <span className="kw-muted kw-small">{words(id)}</span>}
          </span>
          <span className="kw-push kw-num kw-small kw-muted">
            {changed > 0 ? <strong className="kw-accent">{changed} changed</strong> : plural(parameters.length, 'parameter')}
          </span>
        </span>
      </summary>
      {open && (
        <div className="kw-fields">
          {parameters.map((parameter) => {
            const key = fieldKey(id, parameter.name);
            return (
              <ValueField
                key={key}
                id={key}
                label={observedName(parameter.name)}
                parameter={parameter}
                text={draft.values[key]}
                problem={problems[key]}
                onChange={onChange}
              />
            );
          })}
        </div>
      )}
    </details>
  );
}

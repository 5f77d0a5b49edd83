import type { BacktestSettings } from '@keyward/contract';
import { Checkbox, Textarea } from '@mantine/core';
import type { ChangeDraft } from './change-draft.js';

interface Props {
  readonly settings: BacktestSettings;
  readonly draft: ChangeDraft;
  readonly problems: Readonly<Record<string, string>>;
  readonly onChange: (draft: ChangeDraft) => void;
}
const POLICIES = [
  ['policy', 'Another response policy', 'The policy whole, as JSON. What would be taken back, approved or held follows it.'],
  ['sod', 'Other duties (sod.json)', 'The file whole. Conflicts are looked for again in the history.'],
] as const;

/** Files that are changed as a whole: they begin with what is in force. */
export function JsonFields({ settings, draft, problems, onChange }: Props) {
  return (
    <div className="kw-stack">
      {POLICIES.map(([name, label, description]) => {
        const text = draft[name];
        return (
          <div key={name} className="kw-stack" style={{ gap: 6 }}>
            <Checkbox
              size="xs"
              label={label}
              checked={text !== undefined}
              onChange={(event) => {
                onChange({ ...draft, [name]: event.currentTarget.checked ? JSON.stringify(settings[name], null, 2) : undefined });
              }}
            />
            {text !== undefined && (
              <Textarea
                aria-label={label}
                description={description}
                error={problems[name]}
                autosize
                minRows={6}
                maxRows={18}
                spellCheck={false}
                classNames={{ input: 'kw-code-input' }}
                value={text}
                onChange={(event) => {
                  onChange({ ...draft, [name]: event.currentTarget.value });
                }}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

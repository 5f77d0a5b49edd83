import type { AlertStatus, EffectState, GrantState, Severity } from '@keyward/contract';
import { formatScore } from '../format/number.js';
import { words } from '../format/words.js';

/** Shapes that differ as well as colours: more corners, more severe. */
const SHAPES: Readonly<Record<Severity, string>> = {
  informational: 'M5 1.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7',
  low: 'M1 8.5h8L5 1.500z',
  medium: 'M1.500 1.500h7v7h-7z',
  high: 'M5 0l5 5-5 5-5-5z',
  critical: 'M3 0h4l3 3v4l-3 3h-4l-3-3v-4z',
};
export function SeverityMark({ severity, bare = false }: { readonly severity: Severity; readonly bare?: boolean }) {
  return (
    <span className="kw-sev" title={bare ? severity : undefined}>
      <svg viewBox="0 0 10 10" aria-hidden>
        <path d={SHAPES[severity]} style={{ fill: `var(--kw-severity-${severity})` }} />
      </svg>
      {bare ? <span className="kw-hidden">{severity}</span> : words(severity)}
    </span>
  );
}

/** Bands of risk, as the overview counts them. */
export function bandOf(score: number): Severity {
  if (score >= 90) return 'critical';
  if (score >= 75) return 'high';
  if (score >= 50) return 'medium';
  return score >= 25 ? 'low' : 'informational';
}

/** A score of 0 to 100 as a number and a bar. */
export function Meter({ score, label }: { readonly score: number; readonly label: string }) {
  return (
    <span className="kw-meter" title={`${label} ${formatScore(score)} of 100`}>
      <span className="kw-meter-bar" aria-hidden>
        <i style={{ width: `${Math.max(score > 0 ? 3 : 0, score)}%`, background: `var(--kw-severity-${bandOf(score)})` }} />
      </span>
      <span className="kw-meter-value">{formatScore(score)}</span>
    </span>
  );
}

type Tone = 'accent' | 'danger' | 'warning' | 'positive' | undefined;
const STATUS_TONES: Readonly<Record<AlertStatus, Tone>> = {
  new: 'accent',
  in_progress: 'warning',
  resolved: 'positive',
  false_positive: undefined,
  expected: undefined,
};
const GRANT_TONES: Readonly<Record<GrantState, Tone>> = {
  requested: 'warning',
  approved: 'accent',
  denied: undefined,
  eligible: undefined,
  active: 'positive',
  expired: undefined,
  revoked: 'danger',
};
const EFFECT_TONES: Readonly<Record<EffectState, Tone>> = {
  observed: undefined,
  held: 'warning',
  awaiting_approval: 'warning',
  approved: 'accent',
  denied: undefined,
  revoking: 'accent',
  revoked: 'accent',
  already_absent: 'positive',
  verified: 'positive',
  not_verified: 'danger',
  failed: 'danger',
};
export const StatusTag = ({ status }: { readonly status: AlertStatus }) => <Tag tone={STATUS_TONES[status]}>{words(status)}</Tag>;
export const GrantTag = ({ state }: { readonly state: GrantState }) => <Tag tone={GRANT_TONES[state]}>{words(state)}</Tag>;
export const EffectTag = ({ state }: { readonly state: EffectState }) => <Tag tone={EFFECT_TONES[state]}>{words(state)}</Tag>;

export function Tag({ tone, title, children }: { readonly tone?: Tone; readonly title?: string; readonly children: string }) {
  return (
    <span className="kw-tag" data-tone={tone} title={title}>
      <span className="kw-clip">{children}</span>
    </span>
  );
}

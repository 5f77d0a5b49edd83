import { isoInstant } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import type { CompiledChange } from './change.js';
import { Labels, differenceOf, isAltered, pairAlerts, revocationDifferences, sideResult, worstFirst } from './compare.js';
import type { LabelledAlert, Span } from './history.js';
import { MAX_LISTED, type BacktestResult } from './result.js';
import type { AlertSketch, Side } from './side.js';
import { countsBy, volumes } from './volume.js';

export interface Compared {
  readonly span: Span;
  readonly change: CompiledChange;
  readonly organisation: Organisation;
  readonly current: Side;
  readonly changed: Side;
  readonly labels: readonly LabelledAlert[];
  readonly people: number;
  /** Why a finding is on one side only. */
  readonly reasons: ReadonlyMap<string, string>;
  readonly fidelity: BacktestResult['fidelity'];
  readonly read: BacktestResult['read'];
  /** Days whose alarm on behaviour is at the same p under both budgets, of those looked at. */
  readonly alarmDays: { readonly same: number; readonly of: number };
}

/** The two sides, told apart. Alerts count that began in the span. Pure. */
export function resultOf({
  span,
  change,
  organisation,
  labels: labelled,
  people,
  reasons,
  fidelity,
  read,
  alarmDays,
  ...sides
}: Compared): BacktestResult {
  const labels = new Labels(labelled);
  const began = (side: Side): AlertSketch[] =>
    [...side.alerts.values()].filter(({ firstTime }) => firstTime >= span.from && firstTime < span.to);
  const alerts = { current: began(sides.current), changed: began(sides.changed) };
  const pairs = pairAlerts(alerts.current, alerts.changed);
  const reasonsOf = (uids: readonly string[]): string[] => [...new Set(uids.flatMap((uid) => reasons.get(uid) ?? []))];
  const differences = (of: readonly AlertSketch[]) =>
    of.map((alert) => differenceOf(alert, labels, reasonsOf(alert.findingUids))).sort(worstFirst);
  const altered = pairs.both.filter(([before, after]) => isAltered(before, after));
  const identities = countsBy(alerts, pairs, ({ identity }) => [identity]);
  const budgets = { people, current: change.current.alertsPerThousand, changed: change.changed.alertsPerThousand };
  return {
    from: isoInstant(span.from),
    to: isoInstant(span.to),
    changes: change.differences,
    read,
    people,
    current: sideResult(alerts.current, [...sides.current.effects.values()], budgets.current, labels),
    changed: sideResult(alerts.changed, [...sides.changed.effects.values()], budgets.changed, labels),
    ...volumes(alerts, span, budgets),
    detections: countsBy(alerts, pairs, ({ detections }) => detections),
    identities: identities
      .slice(0, MAX_LISTED)
      .map((counts) => ({ ...counts, displayName: organisation.identity(counts.id)?.displayName ?? counts.id })),
    appeared: differences(pairs.appeared).slice(0, MAX_LISTED),
    disappeared: differences(pairs.disappeared).slice(0, MAX_LISTED),
    altered: altered
      .map(([before, after]) => ({
        ...differenceOf(after, labels, reasonsOf([...after.findingUids, ...before.findingUids])),
        before: { uid: before.uid, severity: before.severity, score: before.score, detections: before.detections },
      }))
      .sort(worstFirst)
      .slice(0, MAX_LISTED),
    counts: {
      appeared: pairs.appeared.length,
      disappeared: pairs.disappeared.length,
      altered: altered.length,
      identities: new Set([...pairs.appeared, ...pairs.disappeared].map(({ identity }) => identity)).size,
    },
    revocations: revocationDifferences(sides.current, sides.changed, new Map(pairs.both.map(([before, after]) => [after.uid, before.uid]))),
    fidelity,
    notes: notesOf(change, fidelity, alarmDays, alerts),
  };
}

function notesOf(
  { detections }: CompiledChange,
  { stored, missing, additional }: BacktestResult['fidelity'],
  { same, of }: Compared['alarmDays'],
  { changed }: { readonly changed: readonly AlertSketch[] },
): string[] {
  const notes = ['People, assets and tickets are as the organisation knows them now, not as they were then.'];
  if (missing > 0 || additional > 0) {
    notes.push(
      `Run again with the present configuration, ${missing} of ${stored} stored findings were not found and ${additional} more were: the configuration, ` +
        'the version or the organisation was another one then, or events came late.',
    );
  }
  if (same > 0) {
    notes.push(
      `On ${same} of ${of} days both budgets alarm at the same p: in the first week, with too little history, or at a bound that no budget moves.`,
    );
  }
  if (detections.size > 0) notes.push(`Run again over stored events: ${[...detections].sort().join(', ')}.`);
  if (changed.length > MAX_LISTED) notes.push(`Lists show at most ${MAX_LISTED} entries; the counts are of all.`);
  return notes;
}

import type { Label } from '../labels.js';
import type { Measured } from '../measure.js';
import type { CalibrationRow } from '../metrics/calibration-table.js';
import type { WeekVolume } from '../metrics/weekly-volume.js';

/** What a report says about the history it was made from. */
export interface HistoryFacts {
  /** Lines that say what it is and how to make it again. */
  readonly description: readonly string[];
  readonly identities: number;
  readonly evaluatedDays: number;
  readonly evaluatedFrom: string;
  readonly events: number;
  readonly identityDays: number;
  readonly attackDays: number;
}

/** What the line said of one attack. */
export interface AttackVerdict {
  readonly attack: Label;
  readonly isReached: boolean;
  /** Place of its most alarming day in the ranking, from 1. */
  readonly rank: number;
  /** Feature or detection that was named first at its most alarming event; undefined when nothing was said. */
  readonly named: string | undefined;
  readonly isNamedRight: boolean;
  /** Hours from its first act to the instant at which its first reached day was most alarming; undefined when it was not reached. */
  readonly hoursToDetect: number | undefined;
}
export interface LookAlikeVerdict {
  readonly lookAlike: Label;
  readonly isReached: boolean;
  readonly named: string | undefined;
}

export interface EvaluationReport {
  readonly facts: HistoryFacts;
  /** Ours first. */
  readonly measured: readonly Measured[];
  /** The behaviour model with one part off each, the whole first. */
  readonly variants: readonly Measured[];
  /** Ours without one feature each, the whole first. */
  readonly withoutFeature: readonly Measured[];
  readonly attacks: readonly AttackVerdict[];
  readonly lookAlikes: readonly LookAlikeVerdict[];
  /** The most alarming days that are no attack's. */
  readonly falseAlarms: readonly {
    readonly identity: string;
    readonly day: string;
    readonly rank: number;
    readonly score: number;
    /** Of the look-alike that it is, if it is one. */
    readonly kind: string | undefined;
    readonly reason: string | undefined;
  }[];
  readonly calibration: readonly CalibrationRow[];
  readonly calibrationByWeek: readonly { readonly week: string; readonly rows: readonly CalibrationRow[] }[];
  /** Alerts of unusual behaviour, which a budget steers, and all alerts. */
  readonly behaviourVolume: readonly WeekVolume[];
  readonly allVolume: readonly WeekVolume[];
  /** Alerts per 1000 identities and day that the line steers to. */
  readonly budget: number;
}

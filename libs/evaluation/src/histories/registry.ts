import { cert } from './cert.js';
import type { HistoryFormat } from './history.js';
import { lanl } from './lanl.js';
import { rba } from './rba.js';
import { schonlau } from './schonlau.js';

/** Formats of labelled histories that users may have. */
export const HISTORY_FORMATS: readonly HistoryFormat[] = [cert, lanl, rba, schonlau];

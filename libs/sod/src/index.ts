export * from './policy.js';
export * from './parse.js';
export { compileSod, objectsOf, type SodIndex, type SodMitigation, type SodRule } from './compile.js';
export type { SodSubject } from './mitigation.js';
export { conflictsOfEntitlements, type HeldConflict, type HeldEntitlement, type Witness } from './held.js';
export { ExerciseState, advanceExercise, exercisedConflicts, type ExercisedConflict } from './exercised.js';
